// Pictures at large: one after the other, at the size that fits or as they are.

import { closeDialog, showDialog } from "./dialog.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { local } from "./links.js";
import { described } from "./media.js";
import { bytes } from "./size.js";

/** Show the files of a gallery, beginning with one of them. */
export function openLightbox(files, index) {
  let at = index;
  const image = h("img", { class: "lightbox-image", alt: "" });
  const stage = h("div", { class: "lightbox-stage", tabindex: "0", role: "group", "aria-label": "Picture" }, image);
  const caption = h("div", { class: "lightbox-caption", role: "status" });
  const zoom = control("zoom", "Show at full size", () => scale(!stage.classList.contains("zoomed")));
  const save = h("a", { class: "icon-button", "aria-label": "Download", title: "Download" }, icon("download"));
  const browser = h("a", { class: "icon-button", "aria-label": "Open in a new tab", title: "Open in a new tab", target: "_blank", rel: "noopener" }, icon("open"));
  const before = control("left", "Previous picture", () => show(at - 1));
  const after = control("right", "Next picture", () => show(at + 1));
  before.classList.add("lightbox-turn", "lightbox-before");
  after.classList.add("lightbox-turn", "lightbox-after");
  const close = control("close", "Close", () => closeDialog(dialog));
  const dialog = h(
    "dialog",
    { class: "lightbox", "aria-label": "Picture" },
    h("div", { class: "lightbox-bar" }, caption, zoom, save, browser, close),
    stage,
    files.length > 1 && [before, after],
  );

  function show(n) {
    at = (n + files.length) % files.length;
    const file = files[at];
    const url = local(file.url);
    scale(false);
    image.src = url;
    image.alt = described(file);
    save.href = browser.href = url;
    save.setAttribute("download", file.filename);
    const size = file.width ? `${file.width} × ${file.height}` : "";
    const place = files.length > 1 ? `${at + 1} of ${files.length}` : "";
    const facts = [size, file.size ? bytes(file.size) : "", place].filter(Boolean).join(" · ");
    fill(caption, h("span", { class: "lightbox-name" }, file.filename), h("span", { class: "lightbox-facts" }, facts));
  }

  function scale(large) {
    stage.classList.toggle("zoomed", large);
    zoom.setAttribute("aria-pressed", String(large));
  }

  image.addEventListener("click", () => scale(!stage.classList.contains("zoomed")));
  stage.addEventListener("click", (event) => event.target === stage && closeDialog(dialog));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closeDialog(dialog);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft" && files.length > 1) show(at - 1);
    else if (event.key === "ArrowRight" && files.length > 1) show(at + 1);
    else if (event.key === "+" || event.key === "-") scale(event.key === "+");
    else return;
    event.preventDefault();
  });
  show(index);
  showDialog(dialog);
  stage.focus();
}

function control(sign, label, act) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click: act } }, icon(sign));
}
