// A command that is being typed: its options as chips, and a field that finds the ones not given yet.

import { Chip } from "./chip.js";
import { localised } from "./commands.js";
import { Completion } from "./completion.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { narrowed, rangeOf } from "./options.js";
import { OPTION } from "./wire.js";

export class CommandForm {
  /** `events` has send(), leave(text), changed(). */
  constructor(command, store, ask, suggestions, events) {
    this.command = command;
    this.store = store;
    this.suggestions = suggestions;
    this.events = events;
    this.completion = new Completion(ask);
    this.chips = [];
    this.held = null;
    this.finder = h("input", {
      class: "finder",
      type: "text",
      role: "combobox",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      "aria-label": `More options of /${command.shown}`,
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
    });
    this.finder.addEventListener("input", () => this.#found());
    this.finder.addEventListener("focus", () => this.#offer());
    this.finder.addEventListener("keydown", (event) => this.#finderKey(event));
    const away = h("button", { type: "button", class: "chip-remove", tabindex: "-1", "aria-label": `Leave /${command.shown}` }, icon("close"));
    away.addEventListener("click", () => this.events.leave(""));
    this.tag = h("span", { class: "command-tag" }, `/${command.shown}`, away);
    this.element = h("div", { class: "command", role: "group", "aria-label": `/${command.shown}` }, this.tag, this.finder);
    this.element.addEventListener("mousedown", (event) => {
      if (event.target !== this.element && event.target !== this.tag) return;
      event.preventDefault();
      this.finder.focus();
    });
    for (const option of command.options.filter((one) => one.required)) this.#add(option);
  }

  /** Put the focus where typing goes on. */
  focus() {
    const first = this.chips.find((chip) => chip.option.required && chip.empty);
    if (first) first.focus();
    else this.finder.focus();
  }

  /** Values by option name; files are still files. Null, and the focus at what is wrong, where something is. */
  collect() {
    for (const chip of this.chips) {
      const { error } = chip.reading;
      chip.mark(error ?? null);
      if (error) {
        chip.focus();
        this.#hint(chip, error);
        return null;
      }
    }
    return this.#values();
  }

  /** Give files to the options that take one, adding options as long as there are any. False if none does. */
  attach(files) {
    let taken = false;
    for (const file of files) {
      const chip = this.chips.find((one) => one.option.type === OPTION.ATTACHMENT && one.empty) ?? this.#addFileOption();
      if (chip === undefined) break;
      chip.attach(file);
      taken = true;
    }
    if (taken) this.focus();
    return taken;
  }

  stop() {
    this.completion.stop();
  }

  #addFileOption() {
    const option = this.#left().find((one) => one.type === OPTION.ATTACHMENT);
    return option && this.#add(option);
  }

  #values() {
    const read = this.chips.map((chip) => [chip.option.name, chip.reading.value]);
    return Object.fromEntries(read.filter(([, value]) => value !== undefined));
  }

  #left() {
    return this.command.options.filter((option) => !this.chips.some((chip) => chip.option.name === option.name));
  }

  #add(option) {
    const chip = new Chip(option, this.store, {
      input: () => this.#typed(chip),
      focus: () => this.#hint(chip),
      key: (_, event) => this.#chipKey(chip, event),
      filled: () => this.focus(),
      remove: () => this.#remove(chip),
    });
    this.chips.push(chip);
    this.finder.before(chip.element);
    return chip;
  }

  #remove(chip) {
    const at = this.chips.indexOf(chip);
    this.chips.splice(at, 1);
    chip.element.remove();
    if (at > 0) this.chips[at - 1].focus();
    else this.finder.focus();
    this.events.changed();
  }

  // What stands above

  #typed(chip) {
    this.held = null;
    this.#hint(chip);
    this.events.changed();
  }

  #hint(chip, error = null) {
    const { option, field } = chip;
    const head = this.#head(option, chip.name, error);
    this.completion.stop();
    const pick = (item) => this.#pick(chip, item);
    if (chip.choices) {
      const typed = chip.picked?.label === field.value ? "" : field.value;
      const items = narrowed(typed, chip.choices);
      const note = items.length ? "" : "Nothing fits what you typed.";
      this.suggestions.show({ field, head, items, pick, note, label: chip.name });
    } else if (option.autocomplete && chip.picked?.label !== field.value) {
      // what was offered before stands in until the bot has answered
      this.suggestions.show({ field, head, items: narrowed(field.value, chip.offered), pick, label: chip.name });
      const others = Object.entries(this.#values()).filter(([name, value]) => name !== option.name && !(value instanceof File));
      const body = {
        channel: this.store.channelId,
        command: this.command.path,
        options: Object.fromEntries(others),
        focused: option.name,
        value: field.value,
      };
      this.completion.request(body, ({ items, note, whole = false }) => {
        if (document.activeElement !== field) return;
        if (whole) chip.offered = items;
        this.suggestions.show({ field, head, items, pick, note, label: chip.name });
        if (whole) this.#goOn(chip, items);
      });
    } else this.suggestions.show({ field, head });
  }

  #head(option, name, error) {
    const about = localised(option, "description", this.store.user.locale);
    const range = rangeOf(option);
    const facts = [option.required ? "required" : "", range].filter(Boolean).join(" · ");
    return [
      h("div", { class: "hint" }, h("strong", {}, name), about && h("span", { class: "hint-about" }, about), facts && h("span", { class: "hint-facts" }, facts)),
      error && h("div", { class: "hint-error", role: "alert" }, error),
    ];
  }

  #pick(chip, item) {
    chip.pick(item);
    this.events.changed();
    this.#next(chip);
  }

  /** Do what Tab or Enter was pressed for before the choices were there. */
  #goOn(chip, items) {
    const { held } = this;
    this.held = null;
    if (held && items.length) this.#pick(chip, items[0]);
    else if (held === "Enter") this.events.send();
    else if (held) this.#next(chip);
  }

  #next(chip) {
    const after = this.chips.slice(this.chips.indexOf(chip) + 1).find((one) => one.empty);
    if (after) after.focus();
    else this.finder.focus();
  }

  #offer() {
    const typed = this.finder.value;
    const { locale } = this.store.user;
    const options = this.#left().map((option) => ({
      label: localised(option, "name", locale),
      about: localised(option, "description", locale),
      value: option,
    }));
    const items = narrowed(typed, options);
    const none = typed ? "There is no such option." : "Press Enter to send.";
    this.suggestions.show({
      field: this.finder,
      head: h("div", { class: "hint" }, h("strong", {}, `/${this.command.shown}`), h("span", { class: "hint-about" }, this.command.about)),
      items,
      active: typed ? 0 : -1,
      note: items.length ? "" : none,
      pick: ({ value }) => this.#give(value),
      label: "Options",
    });
  }

  #give(option) {
    this.finder.value = "";
    this.#add(option).focus();
    this.events.changed();
  }

  /** A name with a colon behind it is that option at once. */
  #found() {
    const typed = this.finder.value;
    const name = typed.trim().replace(/:$/, "").toLowerCase();
    const named = typed.endsWith(":")
      ? this.#left().find((one) => [one.name, localised(one, "name", this.store.user.locale)].includes(name))
      : undefined;
    if (named) this.#give(named);
    else this.#offer();
  }

  // Keys

  /** What was filled in is not thrown away by one key. */
  #escape() {
    if (this.chips.every((chip) => chip.empty)) this.events.leave("");
  }

  #finderKey(event) {
    if (this.suggestions.key(event)) return;
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.events.send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.#escape();
    } else if (this.finder.value === "" && (event.key === "Backspace" || event.key === "ArrowLeft")) {
      event.preventDefault();
      if (this.chips.length) this.chips.at(-1).focus();
      else if (event.key === "Backspace") this.events.leave(`/${this.command.shown}`);
    }
  }

  #chipKey(chip, event) {
    if (event.isComposing) return;
    const upload = chip.option.type === OPTION.ATTACHMENT;
    if (!upload && this.suggestions.key(event)) return;
    if (this.completion.pending && chip.field.value && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      event.preventDefault();
      this.held = event.key;
      return;
    }
    const at = this.chips.indexOf(chip);
    if (event.key === "Enter" && !upload) {
      event.preventDefault();
      this.events.send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (this.suggestions.open) this.suggestions.show({ field: chip.field, head: this.#head(chip.option, chip.name, null) });
      else this.#escape();
    } else if (event.key === "Backspace" && (chip.empty || (upload && !chip.option.required))) {
      event.preventDefault();
      if (!chip.option.required) this.#remove(chip);
      else if (at > 0) this.chips[at - 1].focus();
      else if (this.chips.every((one) => one.empty)) this.events.leave(`/${this.command.shown}`);
    } else if (event.key === "ArrowRight" && (upload || chip.field.selectionStart === chip.field.value.length)) {
      event.preventDefault();
      (this.chips[at + 1] ?? this.finder).focus();
    } else if (event.key === "ArrowLeft" && at > 0 && (upload || chip.field.selectionEnd === 0)) {
      event.preventDefault();
      this.chips[at - 1].focus();
    }
  }
}
