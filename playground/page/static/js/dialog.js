// Dialogs that hold the focus until they close, and then give it back.

import { h, uid } from "./dom.js";
import { icon } from "./icons.js";
import { closePopup } from "./popup.js";

/**
 * A modal dialog with a title and a way out. `onCancel()` is called for Escape and the close button, and decides.
 */
export function makeDialog({ title, name, onCancel }, ...children) {
  const id = uid("title");
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close" }, icon("close"));
  close.addEventListener("click", () => onCancel());
  const dialog = h(
    "dialog",
    { class: name, "aria-labelledby": id },
    h("header", { class: "dialog-head" }, h("h2", { id }, title), close),
    children,
  );
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    onCancel();
  });
  return dialog;
}

/** Show it; the promise of what had the focus before is kept with it. */
export function showDialog(dialog) {
  closePopup("other");
  dialog.before = origin(document.activeElement);
  document.getElementById("layers").append(dialog);
  dialog.showModal();
}

export function closeDialog(dialog) {
  if (!dialog.isConnected) return;
  closePopup("other");
  dialog.close();
  dialog.remove();
  (dialog.before() ?? document.getElementById("composer-text"))?.focus({ preventScroll: true });
}

/** Finds an element again that may have been drawn anew meanwhile. */
function origin(element) {
  const message = element?.closest(".message")?.id;
  const custom = element?.dataset?.custom;
  return () => {
    if (element?.isConnected && element !== document.body) return element;
    const home = message ? document.getElementById(message) : null;
    return (custom && home?.querySelector(`[data-custom="${CSS.escape(custom)}"]`)) || home;
  };
}
