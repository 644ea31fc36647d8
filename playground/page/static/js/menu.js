// A menu: its entries, and the keys that go through them.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { closePopup, openPopup } from "./popup.js";

/**
 * Open a menu. `groups` are lists of {label, sign, act, danger} with an optional title: [title, items].
 * `anchor` is an element or {x, y}; `back` gets the focus when it closes.
 */
export function openMenu(name, groups, anchor, back) {
  const parts = groups
    .filter(([, items]) => items.length > 0)
    .map(([title, items], n) =>
      h(
        "div",
        { role: "group", class: "menu-group", "aria-label": title ?? (n === 0 ? "Message" : "More") },
        title && h("div", { class: "menu-title", "aria-hidden": "true" }, title),
        items.map(entry),
      ),
    );
  const menu = h("div", { class: "menu", role: "menu", "aria-label": name, on: { keydown: keys } }, parts);
  menu.addEventListener("contextmenu", (event) => event.preventDefault());
  const onClose = (reason) => reason !== "outside" && reason !== "other" && back?.isConnected && back.focus({ preventScroll: true });
  openPopup(menu, anchor, { onClose, sheet: true });
  menu.querySelector("[role=menuitem]").focus();
}

function entry({ label, sign, act, danger }) {
  const item = h(
    "button",
    { type: "button", class: ["menu-item", danger && "danger"], role: "menuitem", tabindex: "-1" },
    h("span", { class: "menu-label" }, label),
    icon(sign),
  );
  item.addEventListener("click", () => {
    closePopup();
    act();
  });
  item.addEventListener("pointermove", () => item.focus({ preventScroll: true }));
  return item;
}

function keys(event) {
  const items = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const to = (n) => items[(n + items.length) % items.length].focus();
  if (event.key === "ArrowDown") to(at + 1);
  else if (event.key === "ArrowUp") to(at - 1);
  else if (event.key === "Home") to(0);
  else if (event.key === "End") to(-1);
  else if (event.key === "Tab") closePopup();
  else if (event.key.length === 1 && event.key !== " ") {
    const letter = event.key.toLowerCase();
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    after.find((item) => item.textContent.toLowerCase().startsWith(letter))?.focus();
    return;
  } else return;
  event.preventDefault();
}
