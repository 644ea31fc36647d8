// Files that wait to be posted with a message.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { bytes } from "./size.js";
import { thumbnail } from "./uploads.js";

export const MOST = 10;

export class Tray {
  constructor(onChange) {
    this.files = [];
    this.onChange = onChange;
    this.element = h("ul", { class: "tray", hidden: true, "aria-label": "Files to be sent" });
  }

  /** Take files, `MOST` in all; false when some are left out. */
  add(files) {
    const all = [...this.files, ...files];
    this.files = all.slice(0, MOST);
    this.#draw();
    return all.length <= MOST;
  }

  clear() {
    this.files = [];
    this.#draw();
  }

  #draw() {
    fill(this.element, this.files.map((file) => this.#entry(file)));
    this.element.hidden = this.files.length === 0;
    this.onChange();
  }

  #entry(file) {
    const remove = h("button", { type: "button", class: "icon-button", "aria-label": `Remove ${file.name}` }, icon("trash"));
    remove.addEventListener("click", () => {
      this.files = this.files.filter((one) => one !== file);
      this.#draw();
      document.getElementById("composer-text").focus();
    });
    return h(
      "li",
      { class: "tray-file" },
      h("div", { class: "tray-picture" }, thumbnail(file) ?? icon("file")),
      h("div", { class: "tray-name" }, file.name),
      h("div", { class: "tray-size" }, bytes(file.size)),
      remove,
    );
  }
}
