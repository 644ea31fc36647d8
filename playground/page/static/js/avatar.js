// A person's round sign: initials on their colour.

import { avatarColours } from "./colour.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Says nothing to a screen reader: the name stands beside it. */
export function avatar(person, size = "") {
  const face = person.bot
    ? icon("app")
    : h("span", { class: "initials" }, person.initials ?? [...person.name].slice(0, 2).join("").toUpperCase());
  return h(
    "span",
    { class: ["avatar", size, person.bot && "avatar-bot"], "aria-hidden": "true", style: avatarColours(person.colour) },
    face,
  );
}

/** The same with a dot for whether somebody is there. */
export function presence(person, online, size = "") {
  const dot = h("span", { class: ["dot", online ? "dot-on" : "dot-off"] });
  return h("span", { class: "presence" }, avatar(person, size), dot);
}
