// Who is here. A right click, or the button, offers what can be done with somebody.

import { presence } from "./avatar.js";
import { nameColours } from "./colour.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

export class Members {
  /** `onMenu(person, anchor)` opens the menu. */
  constructor(store, onMenu) {
    this.store = store;
    this.onMenu = onMenu;
    this.root = document.getElementById("members");
    for (const event of ["view", "bot", "users"]) store.on(event, () => this.#draw());
  }

  #draw() {
    const { bot, users } = this.store.view;
    const machine = { ...bot, bot: true };
    fill(
      this.root,
      h("h2", { class: "group-title" }, "Bot"),
      h("ul", {}, this.#entry(machine, bot.online)),
      h("h2", { class: "group-title" }, `People, ${users.length}`),
      h("ul", {}, users.map((user) => this.#entry(user, true))),
    );
  }

  #entry(person, online) {
    const entry = h(
      "button",
      { type: "button", class: ["member", !online && "away"], "aria-haspopup": "menu" },
      presence(person, online, "small"),
      h(
        "span",
        { class: "member-text" },
        h("span", { class: "name", style: nameColours(person.colour) }, person.name),
        person.bot && h("span", { class: "tag" }, "APP"),
        person.moderator && icon("shield"),
        person.bot && !online && h("span", { class: "visually-hidden" }, "offline"),
      ),
    );
    const open = (event) => {
      event.preventDefault();
      this.onMenu(person, entry);
    };
    entry.addEventListener("click", open);
    entry.addEventListener("contextmenu", open);
    return h("li", {}, entry);
  }
}
