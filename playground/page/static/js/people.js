// Who one is: the demo's users, their language, and how the page looks.

import { avatar } from "./avatar.js";
import { h, uid } from "./dom.js";
import { icon } from "./icons.js";
import { closePopup, openPopup } from "./popup.js";
import { THEMES, setTheme, theme } from "./theme.js";

/** Open the panel at its button. `actions` has `enter(user)` and `locale(code)`. */
export function openPeople(anchor, store, actions) {
  const people = store.view.users.map((user) => person(user, user.id === store.user.id, actions));
  const panel = h(
    "div",
    { class: "panel people", role: "dialog", "aria-label": "You" },
    h("h2", { class: "panel-title" }, "You are"),
    h("div", { class: "people-list", role: "group", "aria-label": "Users" }, people),
    language(store, actions),
    look(),
  );
  openPopup(panel, anchor, { above: true, onClose: (reason) => reason === "escape" && anchor.focus() });
  (panel.querySelector("[aria-pressed=true]") ?? panel.querySelector("button")).focus();
}

function person(user, current, actions) {
  const button = h(
    "button",
    { type: "button", class: "person", "aria-pressed": String(current) },
    avatar(user, "small"),
    h("span", { class: "person-name" }, user.name),
    user.moderator && h("span", { class: "badge" }, icon("shield"), "Moderator"),
    h("span", { class: "mark" }, icon("check")),
  );
  button.addEventListener("click", () => {
    closePopup();
    if (!current) actions.enter(user.id);
  });
  return button;
}

function language(store, actions) {
  const id = uid("language");
  const names = new Intl.DisplayNames([store.user.locale], { type: "language" });
  const known = store.view.locales.map((code) => ({ code, name: named(names, code) }));
  known.sort((one, other) => one.name.localeCompare(other.name, store.user.locale));
  const options = known.map(({ code, name }) => h("option", { value: code, selected: code === store.user.locale }, name));
  const field = h("select", { id, class: "plain-select" }, options);
  field.addEventListener("change", () => {
    closePopup();
    actions.locale(field.value);
  });
  return h("div", { class: "panel-row" }, h("label", { for: id }, "Language"), field);
}

function named(names, code) {
  const name = names.of(code);
  return name && name !== code ? `${name} (${code})` : code;
}

function look() {
  const buttons = THEMES.map(({ key, label, sign }) => {
    const button = h("button", { type: "button", class: "segment", "aria-pressed": String(theme() === key) }, sign && icon(sign), label);
    button.addEventListener("click", () => {
      setTheme(key);
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
    });
    return button;
  });
  return h("div", { class: "panel-row" }, h("span", {}, "Theme"), h("div", { class: "segments", role: "group", "aria-label": "Theme" }, buttons));
}
