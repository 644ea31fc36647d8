// A sentence at the edge of the page, for a few seconds.

import { h } from "./dom.js";

const SECONDS = 5;

/** Say it, in sight and aloud. */
export function toast(words) {
  document.querySelector(".toast")?.remove();
  const note = h("div", { class: "toast", role: "alert" }, words);
  document.getElementById("layers").append(note);
  setTimeout(() => note.remove(), SECONDS * 1000);
}
