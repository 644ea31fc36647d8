// Above the messages: which channel it is, the bot's state, and the buttons of the page.

import { fill, h } from "./dom.js";
import { openFaults } from "./faults.js";
import { icon } from "./icons.js";
import { channelIcon } from "./sidebar.js";
import { recalled, remember } from "./storage.js";

export class Header {
  constructor(store, actions, sidebar) {
    this.store = store;
    this.root = document.getElementById("header");
    this.place = h("div", { class: "place" });
    this.bot = h("div", { class: "bot-state", role: "status" });
    this.drawer = button("drawer-button", "menu", "Show channels", () => sidebar.open());
    this.drawer.classList.add("only-narrow");
    this.faults = button("faults-button", "faults", "Faults and demo settings", () => openFaults(this.faults, store, actions));
    this.faults.setAttribute("aria-haspopup", "dialog");
    this.members = button("members-button", "members", "Show members", () => this.#toggleMembers());
    this.members.classList.add("only-wide");
    this.root.append(this.drawer, this.place, this.bot, this.members, this.faults);
    this.#showMembers(recalled(localStorage, "members") !== "hidden");
    for (const event of ["view", "channel", "channels", "bot", "unread"]) store.on(event, () => this.#draw());
  }

  #draw() {
    const { channel, view, unread } = this.store;
    this.drawer.classList.toggle("has-news", unread.size > 0);
    if (channel === null) return;
    const name = channel.kind === "dm" ? view.bot.name : channel.name;
    fill(
      this.place,
      icon(channelIcon(channel)),
      h("h1", { class: "place-name" }, name),
      channel.nsfw && h("span", { class: "age", title: "Age-restricted" }, "18+"),
      channel.topic && h("span", { class: "topic", title: channel.topic }, channel.topic),
    );
    document.title = `${channel.kind === "text" ? "#" : ""}${name} · Demo Discord`;
    const { online } = view.bot;
    const dot = h("span", { class: ["dot", online ? "dot-on" : "dot-off"], "aria-hidden": "true" });
    const said = h("span", { class: "bot-words" }, `${view.bot.name} is ${online ? "online" : "offline"}`);
    if (this.bot.dataset.online !== String(online)) fill(this.bot, dot, said);
    this.bot.dataset.online = String(online);
  }

  #toggleMembers() {
    this.#showMembers(document.body.classList.contains("no-members"));
  }

  #showMembers(shown) {
    document.body.classList.toggle("no-members", !shown);
    this.members.setAttribute("aria-pressed", String(shown));
    remember(localStorage, "members", shown ? null : "hidden");
  }
}

function button(id, sign, label, act) {
  return h("button", { type: "button", id, class: "icon-button", "aria-label": label, title: label, on: { click: act } }, icon(sign));
}
