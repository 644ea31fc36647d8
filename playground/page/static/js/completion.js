// Autocomplete: asked when typing pauses; answers to what was typed before are dropped.

const PAUSE = 180;

export class Completion {
  /** `ask(verb, body)` is the connection's. */
  constructor(ask) {
    this.ask = ask;
    this.number = 0;
    this.timer = null;
    this.pending = false;
  }

  /** Ask for choices; `show({items, note, whole})` gets them, unless something else was asked meanwhile. */
  request(body, show) {
    this.number += 1;
    const { number } = this;
    clearTimeout(this.timer);
    this.pending = true;
    this.timer = setTimeout(async () => {
      const slow = setTimeout(() => number === this.number && show({ items: [], note: "Looking…" }), 350);
      let told;
      try {
        const choices = await this.ask("complete", body);
        const items = choices.map(({ name, value }) => ({ label: name, value }));
        told = { items, note: items.length ? "" : "Nothing fits what you typed." };
      } catch (error) {
        told = { items: [], note: error.message };
      }
      clearTimeout(slow);
      if (number !== this.number) return;
      this.pending = false;
      show({ ...told, whole: true });
    }, PAUSE);
  }

  /** Nothing is wanted any more. */
  stop() {
    this.number += 1;
    this.pending = false;
    clearTimeout(this.timer);
  }
}
