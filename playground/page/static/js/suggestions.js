// The list above the message box: commands, options, choices. The focus stays in the field that it belongs to.

import { fill, h, uid } from "./dom.js";

export class Suggestions {
  constructor() {
    this.name = uid("suggestions");
    this.head = h("div", { class: "suggestions-head" });
    this.list = h("div", { class: "suggestions-list", role: "listbox", id: this.name, "aria-label": "Suggestions" });
    this.note = h("div", { class: "suggestions-note", role: "status" });
    this.element = h("div", { class: "suggestions", hidden: true }, this.head, this.list, this.note);
    // a press must not take the focus out of the field
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
    this.items = [];
    this.active = -1;
    this.field = null;
  }

  get open() {
    return !this.element.hidden && this.items.length > 0;
  }

  /** What would be taken by Tab or Enter, or null. */
  get choice() {
    return this.open && this.active >= 0 ? this.items[this.active] : null;
  }

  /**
   * Show something for a field. `head` is a node or text; `items` are {label, about, value}; `pick(item)` is called
   * with the chosen one; `active` is the one that is marked first, -1 for none; `note` stands below.
   */
  show({ field, head = null, items = [], pick = () => {}, active = 0, note = "", label = "Suggestions" }) {
    if (this.field !== field) this.#release();
    this.field = field;
    this.items = items;
    this.pick = pick;
    fill(this.head, head);
    this.head.hidden = head === null;
    this.nodes = items.map((item, n) => this.#node(item, n));
    fill(this.list, this.nodes);
    this.list.hidden = items.length === 0;
    this.list.setAttribute("aria-label", label);
    this.note.textContent = note;
    this.note.hidden = !note;
    this.element.hidden = head === null && items.length === 0 && !note;
    field.setAttribute("aria-controls", this.name);
    if (field.getAttribute("role") === "combobox") field.setAttribute("aria-expanded", String(items.length > 0));
    this.list.scrollTop = 0;
    this.#activate(items.length ? Math.min(active, items.length - 1) : -1);
  }

  hide() {
    this.#release();
    this.items = [];
    this.active = -1;
    this.element.hidden = true;
  }

  /** Take the marked one. */
  take() {
    const { choice } = this;
    if (choice) this.pick(choice);
  }

  /** Keys that are the list's; whether this was one. */
  key(event) {
    if (!this.open) return false;
    if (event.key === "ArrowDown") this.#activate(this.active + 1 >= this.items.length ? 0 : this.active + 1);
    else if (event.key === "ArrowUp") this.#activate(this.active <= 0 ? this.items.length - 1 : this.active - 1);
    else if ((event.key === "Tab" && !event.shiftKey) || event.key === "Enter") {
      if (this.active < 0) return false;
      this.take();
    } else return false;
    event.preventDefault();
    return true;
  }

  #node(item, n) {
    const node = h(
      "div",
      { class: "suggestion", role: "option", id: `${this.name}-${n}`, "aria-selected": "false" },
      h("span", { class: "suggestion-label" }, item.label),
      item.about && h("span", { class: "suggestion-about" }, item.about),
    );
    node.addEventListener("click", () => this.pick(item));
    node.addEventListener("pointermove", () => this.active !== n && this.#activate(n, false));
    return node;
  }

  #activate(n, scroll = true) {
    this.active = n;
    this.nodes?.forEach((node, at) => {
      node.classList.toggle("active", at === n);
      node.setAttribute("aria-selected", String(at === n));
    });
    if (n < 0) this.field?.removeAttribute("aria-activedescendant");
    else {
      this.field.setAttribute("aria-activedescendant", this.nodes[n].id);
      if (scroll) this.nodes[n].scrollIntoView({ block: "nearest" });
    }
  }

  #release() {
    this.field?.removeAttribute("aria-activedescendant");
    if (this.field?.getAttribute("role") === "combobox") this.field.setAttribute("aria-expanded", "false");
    this.field = null;
  }
}
