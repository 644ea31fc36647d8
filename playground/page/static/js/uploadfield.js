// A field for files: by button, by drop, by paste.

import { wrongCount } from "./counts.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { bytes } from "./size.js";
import { choose, dragsFiles, filesOf, thumbnail, tooLarge, uploadAll } from "./uploads.js";

export class UploadField {
  constructor(part, { id, label, about, limit }) {
    this.part = part;
    this.limit = limit;
    this.most = part.max_values ?? 1;
    this.files = [];
    this.control = h(
      "button",
      { type: "button", id, class: "drop", "aria-describedby": about, "aria-label": `${label}: choose ${this.most > 1 ? `up to ${this.most} files` : "a file"}` },
      icon("upload"),
      h("span", {}, h("strong", {}, "Choose"), this.most > 1 ? ` up to ${this.most} files, or drop them here` : " a file, or drop it here"),
    );
    this.list = h("ul", { class: "drop-files", "aria-label": `${label}: chosen files` });
    this.element = h("div", { class: "upload-field" }, this.list, this.control);
    this.control.addEventListener("click", async () => this.add(await choose({ multiple: this.most > 1 })));
    this.element.addEventListener("dragover", (event) => {
      if (!dragsFiles(event)) return;
      event.preventDefault();
      this.element.classList.add("over");
    });
    this.element.addEventListener("dragleave", () => this.element.classList.remove("over"));
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      this.element.classList.remove("over");
      this.add(filesOf(event.dataTransfer));
    });
    this.element.addEventListener("paste", (event) => this.add(filesOf(event.clipboardData)));
    this.#draw();
  }

  /** Take files; a field for one file keeps the last. */
  add(files) {
    if (files.length === 0) return;
    this.files = this.most === 1 ? files.slice(-1) : [...this.files, ...files];
    this.#draw();
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Ids of the uploaded files. */
  value() {
    return uploadAll(this.files);
  }

  check() {
    const large = this.files.map((file) => tooLarge(file, this.limit)).find(Boolean);
    return large ?? wrongCount(this.part, this.files.length, "files");
  }

  #draw() {
    fill(this.list, this.files.map((file) => this.#entry(file)));
    this.list.hidden = this.files.length === 0;
    this.control.hidden = this.most > 1 && this.files.length >= this.most;
  }

  #entry(file) {
    const remove = h("button", { type: "button", class: "icon-button", "aria-label": `Remove ${file.name}` }, icon("trash"));
    remove.addEventListener("click", () => {
      this.files = this.files.filter((one) => one !== file);
      this.#draw();
      this.control.focus();
    });
    return h(
      "li",
      { class: "drop-file" },
      thumbnail(file) ?? icon("file"),
      h("span", { class: "card-about" }, h("span", { class: "card-name" }, file.name), h("span", { class: "card-size" }, bytes(file.size))),
      remove,
    );
  }
}
