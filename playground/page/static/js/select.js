// A select: a button that shows what is chosen, and the list that it opens.

import { fill, h, uid } from "./dom.js";
import { emoji } from "./emoji.js";
import { icon } from "./icons.js";
import { closePopup, openPopup } from "./popup.js";

export class Select {
  /**
   * `options` are Discord's ({label, value, description, emoji, default}); `least` and `most` say how many may be
   * chosen. `onChoice(values)` hears of a choice that changed something, when the list closes.
   */
  constructor({ label, placeholder, options, least, most, disabled = false, onChoice, id = null, about = null }) {
    this.options = options;
    this.placeholder = placeholder;
    this.label = label;
    this.least = least;
    this.most = Math.min(most, Math.max(1, options.length));
    this.onChoice = onChoice;
    this.values = options.filter((option) => option.default).map((option) => option.value);
    this.shown = h("span", { class: "select-shown" });
    this.element = h(
      "button",
      {
        type: "button",
        class: "select",
        id,
        role: "combobox",
        "aria-haspopup": "listbox",
        "aria-expanded": "false",
        "aria-describedby": about,
        disabled: disabled || options.length === 0,
        on: { click: () => this.toggle(), keydown: (event) => this.#buttonKey(event) },
      },
      this.shown,
      icon("chevron"),
      h("span", { class: "spinner", "aria-hidden": "true" }),
    );
    this.list = null;
    this.#show();
  }

  toggle() {
    if (this.list) closePopup();
    else this.#open();
  }

  #show() {
    const chosen = this.options.filter((option) => this.values.includes(option.value));
    const text = chosen.map((option) => option.label).join(", ");
    this.element.setAttribute("aria-label", text ? `${this.label}: ${text}` : this.label);
    this.shown.classList.toggle("placeholder", !text);
    fill(this.shown, chosen.length === 1 && emoji(chosen[0].emoji), text || this.placeholder);
  }

  #open() {
    const before = this.values;
    const name = uid("list");
    this.items = this.options.map((option, n) => this.#item(option, `${name}-${n}`));
    this.list = h(
      "div",
      {
        class: "listbox",
        id: name,
        role: "listbox",
        tabindex: "-1",
        "aria-label": this.label,
        "aria-multiselectable": this.most > 1 ? "true" : null,
        on: { keydown: (event) => this.#listKey(event) },
      },
      this.items,
    );
    this.element.setAttribute("aria-expanded", "true");
    this.element.setAttribute("aria-controls", name);
    openPopup(this.list, this.element, { wide: true, onClose: (...how) => this.#closed(before, ...how) });
    const first = Math.max(0, this.options.findIndex((option) => this.values.includes(option.value)));
    this.#activate(first);
    this.list.focus({ preventScroll: true });
  }

  #item(option, id) {
    const item = h(
      "div",
      { class: "option", role: "option", id, "aria-selected": String(this.values.includes(option.value)) },
      emoji(option.emoji),
      h(
        "span",
        { class: "option-text" },
        h("span", { class: "option-label" }, option.label),
        option.description && h("span", { class: "option-about" }, option.description),
      ),
      h("span", { class: ["mark", this.most > 1 && "mark-box"] }, icon("check")),
    );
    item.addEventListener("click", () => this.#pick(option));
    item.addEventListener("pointermove", () => this.#activate(this.items.indexOf(item), false));
    return item;
  }

  #activate(n, scroll = true) {
    this.active = Math.max(0, Math.min(n, this.items.length - 1));
    this.items.forEach((item, at) => item.classList.toggle("active", at === this.active));
    this.list.setAttribute("aria-activedescendant", this.items[this.active].id);
    if (scroll) this.items[this.active].scrollIntoView({ block: "nearest" });
  }

  #pick(option) {
    const has = this.values.includes(option.value);
    if (this.most > 1) {
      if (!has && this.values.length >= this.most) return;
      this.values = has ? this.values.filter((value) => value !== option.value) : [...this.values, option.value];
      this.items.forEach((item, n) => item.setAttribute("aria-selected", String(this.values.includes(this.options[n].value))));
      this.#show();
      return;
    }
    // the same one again takes it back, where none is allowed
    this.values = has && this.least === 0 ? [] : [option.value];
    closePopup();
  }

  /** `anchor` is the button, or the one that an edit put in its place. */
  #closed(before, reason, anchor) {
    this.list = null;
    this.element.setAttribute("aria-expanded", "false");
    this.element.removeAttribute("aria-controls");
    if (reason !== "outside" && reason !== "other") anchor.focus({ preventScroll: true });
    const changed = this.values.length !== before.length || this.values.some((value) => !before.includes(value));
    const wanted = reason !== "escape" || this.most > 1;
    if (!wanted || this.values.length < this.least || reason === "gone") this.values = before;
    else if (changed) this.onChoice(this.#ordered());
    this.#show();
  }

  #ordered() {
    return this.options.map((option) => option.value).filter((value) => this.values.includes(value));
  }

  #buttonKey(event) {
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    this.#open();
  }

  #listKey(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -1000, End: 1000 };
    if (event.key in moves) this.#activate(this.active + moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.#pick(this.options[this.active]);
    else if (event.key === "Tab") closePopup();
    else if (event.key.length === 1) this.#typed(event.key.toLowerCase());
    else return;
    if (event.key !== "Tab") event.preventDefault();
  }

  #typed(letter) {
    const after = [...this.options.keys()].map((n) => (this.active + 1 + n) % this.options.length);
    const found = after.find((n) => this.options[n].label.toLowerCase().startsWith(letter));
    if (found !== undefined) this.#activate(found);
  }
}
