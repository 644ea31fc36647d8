// One option of a command that is being typed: its name, and a field for the value.

import { localised } from "./commands.js";
import { fill, h, uid } from "./dom.js";
import { icon } from "./icons.js";
import { chosenBy, fixedChoices, read } from "./options.js";
import { bytes } from "./size.js";
import { choose, thumbnail, tooLarge } from "./uploads.js";
import { OPTION } from "./wire.js";

export class Chip {
  /** `events` has input, focus, key (with the event), filled (with a file), remove; each is called with the chip. */
  constructor(option, store, events) {
    this.option = option;
    this.store = store;
    this.events = events;
    this.picked = null;
    this.offered = [];
    this.file = null;
    this.name = localised(option, "name", store.user.locale);
    this.choices = fixedChoices(option, store.view);
    const id = uid("option");
    this.field = option.type === OPTION.ATTACHMENT ? this.#fileField(id) : this.#textField(id);
    this.element = h(
      "span",
      { class: ["chip", option.required && "chip-required"], dataset: { option: option.name } },
      h("label", { class: "chip-name", for: id }, this.name),
      this.field,
    );
    if (!option.required) this.element.append(this.#removal());
    this.field.addEventListener("focus", () => this.events.focus(this));
    this.field.addEventListener("keydown", (event) => this.events.key(this, event));
  }

  get empty() {
    return this.option.type === OPTION.ATTACHMENT ? this.file === null : this.field.value === "";
  }

  /** What would be sent: {value} or {error}; a file stands for itself. */
  get reading() {
    const { option } = this;
    if (this.empty) return option.required ? { error: `${this.name} is required.` } : { value: undefined };
    if (option.type === OPTION.ATTACHMENT) {
      const error = tooLarge(this.file, this.store.view.limits.file);
      return error ? { error } : { value: this.file };
    }
    const typed = this.field.value;
    if (this.picked?.label === typed) return { value: this.picked.value };
    if (this.choices) {
      const choice = chosenBy(typed, this.choices);
      return choice ? { value: choice.value } : { error: "Choose one of the list." };
    }
    return read(option, typed);
  }

  /** Say what is wrong with it, or that nothing is. */
  mark(error) {
    this.element.classList.toggle("invalid", Boolean(error));
    if (error) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
  }

  /** Take a suggestion. */
  pick(item) {
    this.picked = { label: item.label, value: item.value };
    this.set(item.label);
  }

  set(text) {
    this.field.value = text;
    this.#grow();
    this.mark(null);
  }

  attach(file) {
    this.file = file;
    fill(this.field, thumbnail(file) ?? icon("file"), h("span", { class: "chip-file" }, file.name), h("span", { class: "chip-size" }, bytes(file.size)));
    this.field.setAttribute("aria-label", `${this.name}: ${file.name}; choose another file`);
    this.element.classList.add("filled");
    this.mark(tooLarge(file, this.store.view.limits.file));
    this.events.input(this);
  }

  focus() {
    this.field.focus();
    if (this.option.type !== OPTION.ATTACHMENT) this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  #textField(id) {
    const numeric = [OPTION.INTEGER, OPTION.NUMBER].includes(this.option.type);
    const field = h("textarea", {
      id,
      class: "chip-field",
      rows: "1",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      inputmode: numeric && !this.choices ? (this.option.min_value >= 0 && this.option.type === OPTION.INTEGER ? "numeric" : "text") : null,
      "aria-required": this.option.required ? "true" : null,
      "aria-autocomplete": this.choices || this.option.autocomplete ? "list" : null,
    });
    field.addEventListener("input", () => {
      if (field.value.includes("\n")) field.value = field.value.replace(/\s*\n\s*/g, " ");
      this.#grow(field);
      this.mark(null);
      this.events.input(this);
    });
    this.#grow(field);
    return field;
  }

  /** As wide as its text, up to the whole line; then as high. */
  #grow(field = this.field) {
    field.style.setProperty("--columns", `${Math.max(4, [...field.value].length + 1)}ch`);
    field.style.setProperty("height", "auto");
    if (field.isConnected) field.style.setProperty("height", `${field.scrollHeight}px`);
  }

  #fileField(id) {
    const field = h("button", { type: "button", id, class: "chip-upload" }, icon("upload"), "Choose, paste or drop a file");
    field.addEventListener("click", async () => {
      const [file] = await choose();
      if (!file) return field.focus();
      this.attach(file);
      return this.events.filled(this);
    });
    return field;
  }

  #removal() {
    const button = h("button", { type: "button", class: "chip-remove", tabindex: "-1", "aria-label": `Remove ${this.name}` }, icon("close"));
    button.addEventListener("click", () => this.events.remove(this));
    return button;
  }
}
