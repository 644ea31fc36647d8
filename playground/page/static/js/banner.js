// Says when the connection is lost, and when it is tried again.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

const QUIET = 600;

export class Banner {
  constructor(retry) {
    this.root = document.getElementById("banner");
    this.next = h("span", { "aria-hidden": "true" });
    this.button = h("button", { type: "button", class: "button small secondary", on: { click: retry } }, "Try now");
    this.timer = null;
    this.until = 0;
    this.since = null;
    fill(this.root, icon("warning"), h("span", {}, "The connection to the demo is lost. ", this.next), this.button);
  }

  /** The state of the connection; a short gap is not worth a word. */
  show({ state, until }) {
    document.body.classList.toggle("offline", state !== "open");
    if (state === "open") {
      this.since = null;
      clearInterval(this.timer);
      this.root.hidden = true;
      return;
    }
    this.since ??= Date.now();
    this.until = until ?? 0;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.#tick(), 250);
    this.#tick();
  }

  #tick() {
    if (Date.now() - this.since < QUIET) return;
    const seconds = Math.ceil((this.until - Date.now()) / 1000);
    this.next.textContent = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again…";
    this.root.hidden = false;
  }
}
