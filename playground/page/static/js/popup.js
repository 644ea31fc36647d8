// Things that open at a place: lists, menus, small panels. One at a time; Escape or a press elsewhere closes it.

import { narrow } from "./dom.js";

let current = null;
const GAP = 6;

/**
 * Open `element` at `anchor` (an element, or {x, y}). `onClose(reason, anchor)` hears "done", "escape",
 * "outside", "other" (something else opened) or "gone" (so is what it was anchored at).
 * What is opened from within a dialog goes into it, since everything outside is inert.
 */
export function openPopup(element, anchor, { onClose, above = false, wide = false, sheet = false } = {}) {
  closePopup("other");
  const home = (anchor instanceof Element && anchor.closest("dialog")) || document.getElementById("layers");
  const popup = { element, anchor, onClose, above, wide, sheet };
  current = popup;
  element.classList.add("popup");
  home.append(element);
  place(popup);
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  if (element.getAttribute("role") === "dialog") element.addEventListener("keydown", (event) => wrap(event, element));
  addEventListener("resize", follow);
  document.addEventListener("scroll", follow, true);
  return popup;
}

export function closePopup(reason = "done") {
  if (current === null) return;
  const { element, anchor, onClose } = current;
  current = null;
  document.removeEventListener("pointerdown", outside, true);
  document.removeEventListener("keydown", escape, true);
  removeEventListener("resize", follow);
  document.removeEventListener("scroll", follow, true);
  element.remove();
  onClose?.(reason, anchor);
}

/** The element that is open, or null. */
export const popupElement = () => current?.element ?? null;

/** What was anchored at an element that is gone stays at the one in its place, or closes. */
export function reanchor(anchor) {
  if (current === null) return;
  if (anchor === null) closePopup("gone");
  else {
    current.anchor = anchor;
    place(current);
  }
}

function outside(event) {
  const { element, anchor } = current;
  if (element.contains(event.target)) return;
  const own = anchor instanceof Element && anchor.contains(event.target);
  if (!own) closePopup("outside");
}

function escape(event) {
  if (event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  closePopup("escape");
}

/** Tab stays within a panel. */
function wrap(event, element) {
  if (event.key !== "Tab") return;
  const all = [...element.querySelectorAll("button, select, input, a[href]")].filter((one) => !one.disabled);
  const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
  if (document.activeElement !== from) return;
  event.preventDefault();
  to.focus();
}

function follow(event) {
  if (current === null || (event.target instanceof Node && current.element.contains(event.target))) return;
  const { anchor } = current;
  if (anchor instanceof Element && !anchor.isConnected) closePopup("gone");
  else if (anchor instanceof Element) place(current);
}

function place({ element, anchor, above, wide, sheet }) {
  element.classList.toggle("popup-sheet", sheet && narrow.matches);
  if (sheet && narrow.matches) {
    for (const side of ["left", "top", "bottom", "width"]) element.style.removeProperty(side);
    return;
  }
  const spot =
    anchor instanceof Element
      ? anchor.getBoundingClientRect()
      : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y, width: 0 };
  if (wide) element.style.setProperty("width", `${spot.width}px`);
  element.style.setProperty("--room", `${innerHeight - 16}px`);
  const { width, height } = element.getBoundingClientRect();
  const below = spot.bottom + GAP;
  const over = spot.top - GAP - height;
  const goesUp = above ? over >= 8 || over >= innerHeight - below - height : below + height > innerHeight - 8 && over >= 8;
  const top = Math.max(8, Math.min(goesUp ? over : below, innerHeight - height - 8));
  const left = Math.max(8, Math.min(spot.left, innerWidth - width - 8));
  element.style.setProperty("left", `${left}px`);
  element.style.setProperty("top", `${top}px`);
}
