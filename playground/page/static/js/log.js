// The messages of the channel that is open: the newest hundred, and older ones when one scrolls up to them.

import { fill, h, still } from "./dom.js";
import { icon } from "./icons.js";
import { spoken, MessageView } from "./message.js";
import { day } from "./time.js";
import { welcome } from "./welcome.js";

const TOGETHER = 7 * 60 * 1000;
const NEAR = 48;

export class Log {
  constructor(store, scene, ask) {
    this.store = store;
    this.scene = scene;
    this.ask = ask;
    this.scroller = document.getElementById("scroller");
    this.list = document.getElementById("log");
    this.views = new Map();
    this.places = new Map();
    this.missed = 0;
    this.stuck = true;
    this.loading = false;
    this.tail = h("div", { class: "tries" });
    this.#newestButton();
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.list);
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.scroller);
    this.list.addEventListener("keydown", (event) => this.#key(event));
    store.on("view", ({ sameUser }) => this.open({ keep: sameUser }));
    store.on("channel", () => this.open({ keep: false }));
    store.on("message", (event) => this.#put(event));
    store.on("gone", ({ channel }) => channel === store.channelId && this.#draw());
    store.on("older", ({ channel }) => channel === store.channelId && this.#keepPlace(() => this.#draw()));
    store.on("click", ({ message }) => this.views.get(message)?.mark());
    store.on("tries", () => this.#drawTries());
    store.on("sent", () => this.#toNewest());
    for (const event of ["bot", "commands"]) store.on(event, () => welcome(store, store.list().length === 0));
  }

  /** Show the channel anew; `keep` stays where one was reading, in the same language. */
  open({ keep }) {
    const { locale } = this.store.user;
    if (!keep || this.shown !== this.store.channelId || this.locale !== locale) {
      this.views.clear();
      this.list.replaceChildren();
      this.stuck = true;
      this.missed = 0;
    }
    this.shown = this.store.channelId;
    this.locale = locale;
    this.#draw();
    this.#drawTries();
    if (this.stuck) this.toBottom();
    this.#showNewest();
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.size = this.#size();
  }

  #size() {
    return `${this.scroller.scrollHeight} ${this.scroller.clientHeight}`;
  }

  /** Bring a message into sight and let it glow; older ones are fetched until it is there. */
  async jump(id) {
    for (let n = 0; n < 10 && !this.store.list().some((one) => one.id === id); n += 1) {
      if (!(await this.#older())) break;
    }
    const view = this.views.get(id);
    if (view === undefined) return false;
    this.stuck = false;
    view.element.scrollIntoView({ block: "center", behavior: still() ? "auto" : "smooth" });
    view.element.focus({ preventScroll: true });
    view.element.classList.remove("glow");
    requestAnimationFrame(() => view.element.classList.add("glow"));
    return true;
  }

  #draw() {
    const messages = this.store.list();
    const nodes = [];
    const kept = new Map();
    let before = null;
    for (const message of messages) {
      if (before === null || !sameDay(before, message)) nodes.push(this.#divider(message.time));
      const view = this.views.get(message.id) ?? new MessageView(message, this.scene);
      view.update(message, grouped(before, message));
      kept.set(message.id, view);
      nodes.push(view.element);
      before = message;
    }
    this.views = kept;
    this.#arrange(nodes);
    this.#roving();
    welcome(this.store, messages.length === 0);
  }

  /** Put nodes in their order without touching those that stand right: a video that is moved stops. */
  #arrange(nodes) {
    const wanted = new Set([...nodes, this.tail]);
    for (const child of [...this.list.children]) if (!wanted.has(child)) child.remove();
    let at = this.list.firstChild;
    for (const node of [...nodes, this.tail]) {
      if (node === at) at = at.nextSibling;
      else this.list.insertBefore(node, at);
    }
  }

  #divider(time) {
    const key = day(time);
    if (!this.places.has(key)) this.places.set(key, h("div", { class: "day" }, h("span", {}, key)));
    return this.places.get(key);
  }

  #put({ message, before }) {
    if (message.channel !== this.store.channelId) return;
    if (before === null) {
      if (this.stuck) this.store.trim(message.channel);
      this.#draw();
      if (!this.stuck) this.missed += 1;
      this.#announce(message);
    } else {
      const list = this.store.list();
      const n = list.findIndex((one) => one.id === message.id);
      this.views.get(message.id)?.update(message, grouped(list[n - 1] ?? null, message));
      if (turned(before, message)) this.#announce(message);
    }
    if (this.stuck) this.toBottom();
    this.#showNewest();
  }

  #announce(message) {
    if (message.author.id === this.store.user.id) return;
    document.getElementById("announcer").textContent = spoken(message);
  }

  #drawTries() {
    const mine = [...this.store.tries].filter(([, entry]) => entry.channel === this.store.channelId);
    fill(this.tail, mine.map(([key, entry]) => this.#try(key, entry)));
    if (this.stuck) this.toBottom();
  }

  #try(key, entry) {
    const command = h("span", { class: "used-command" }, entry.name);
    const used = h("div", { class: "try-head" }, entry.error ? "You used " : "Sending ", command);
    if (!entry.error) return h("div", { class: "try", role: "status" }, h("span", { class: "spinner on" }), used);
    const dismiss = h("button", { type: "button", class: "link-button" }, "Dismiss");
    dismiss.addEventListener("click", () => this.store.dropTry(key));
    return h(
      "div",
      { class: "try failed", role: "alert" },
      icon("warning"),
      h(
        "div",
        {},
        used,
        h("div", { class: "try-error" }, entry.error),
        h("div", { class: "only-you" }, icon("eye"), "Only you can see this · ", dismiss),
      ),
    );
  }

  // Scrolling

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const near = scrollHeight - scrollTop - clientHeight < NEAR;
    // what grew meanwhile is no sign that somebody scrolled away
    if (this.stuck && !near && this.size !== this.#size()) this.toBottom();
    else this.stuck = near;
    if (this.stuck && this.missed) this.missed = 0;
    this.#showNewest();
    if (scrollTop < 200) this.#older();
  }

  /** Fetch what stands above; whether there was any. */
  async #older() {
    const channel = this.store.channelId;
    const oldest = this.store.list()[0];
    if (this.loading || !oldest || this.store.whole.has(channel)) return false;
    this.loading = true;
    this.list.classList.add("loading-older");
    try {
      const older = await this.ask("history", { channel, before: oldest.id });
      this.store.prepend(channel, older);
      return older.length > 0;
    } catch {
      return false;
    } finally {
      this.loading = false;
      this.list.classList.remove("loading-older");
    }
  }

  #keepPlace(change) {
    const height = this.scroller.scrollHeight;
    const top = this.scroller.scrollTop;
    change();
    if (this.scroller.scrollTop === top) this.scroller.scrollTop = top + this.scroller.scrollHeight - height;
  }

  #newestButton() {
    this.newest = h("button", { type: "button", class: "newest-button", hidden: true }, icon("down"), h("span", {}));
    this.newest.addEventListener("click", () => this.#toNewest());
    document.getElementById("newest").append(this.newest);
  }

  #toNewest() {
    this.stuck = true;
    this.missed = 0;
    this.toBottom();
    this.#showNewest();
  }

  #showNewest() {
    this.newest.hidden = this.stuck;
    const text = this.missed ? `${this.missed} new` : "Newest messages";
    this.newest.lastElementChild.textContent = text;
  }

  // Keys: one message is in the tab order; arrows go from one to the next

  #roving() {
    const elements = [...this.views.values()].map((view) => view.element);
    if (this.list.contains(document.activeElement) && elements.some((element) => element.tabIndex === 0)) return;
    for (const element of elements) {
      const wanted = element === elements.at(-1) ? 0 : -1;
      if (element.tabIndex !== wanted) element.tabIndex = wanted;
    }
  }

  #key(event) {
    const message = event.target.closest(".message");
    if (message === null) return;
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      event.preventDefault();
      this.scene.onMenu(this.views.get(message.dataset.id).message, event.target);
      return;
    }
    if (event.target !== message) return;
    const all = [...this.list.querySelectorAll(".message")];
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -all.length, End: all.length };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = all[Math.max(0, Math.min(all.indexOf(message) + steps[event.key], all.length - 1))];
    for (const one of all) one.tabIndex = one === next ? 0 : -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
}

/** Whether an edit is news: progress is not, its end is, and with it come other buttons. */
const turned = (before, message) =>
  before.thinking !== message.thinking || JSON.stringify(before.components) !== JSON.stringify(message.components);

const sameDay = (one, other) => new Date(one.time).toDateString() === new Date(other.time).toDateString();

/** Whether a message goes on where the one before it left off. */
export function grouped(before, message) {
  if (before === null || message.interaction?.name || message.reply_to) return false;
  if (before.author.id !== message.author.id || before.ephemeral !== message.ephemeral) return false;
  return sameDay(before, message) && message.time - before.time < TOGETHER;
}
