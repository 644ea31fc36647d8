// The channels, and below them who one is.

import { avatar, presence } from "./avatar.js";
import { fill, h, narrow } from "./dom.js";
import { icon } from "./icons.js";
import { openPeople } from "./people.js";

const ICONS = { text: "hash", thread: "thread", dm: "at", group: "group" };

export const channelIcon = (channel) => ICONS[channel.kind] ?? "hash";

export class Sidebar {
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    this.root = document.getElementById("sidebar");
    this.veil = document.getElementById("veil");
    this.guild = h("div", { class: "guild" });
    this.list = h("div", { class: "channels" });
    this.me = h("div", { class: "me" });
    this.root.append(this.guild, this.list, this.me);
    this.veil.addEventListener("click", () => this.close());
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && this.isOpen && this.close());
    narrow.addEventListener("change", () => this.#reach());
    for (const event of ["view", "channel", "channels", "unread", "bot", "users"]) store.on(event, () => this.#draw());
    store.on("channel", () => this.close(false));
    this.#reach();
  }

  get isOpen() {
    return document.body.classList.contains("drawer-open");
  }

  open() {
    document.body.classList.add("drawer-open");
    this.veil.hidden = false;
    this.#reach();
    (this.list.querySelector("[aria-current]") ?? this.list.querySelector("button"))?.focus();
  }

  close(refocus = true) {
    const was = this.isOpen;
    document.body.classList.remove("drawer-open");
    this.veil.hidden = true;
    this.#reach();
    if (was && refocus) document.getElementById("drawer-button")?.focus();
  }

  /** On a narrow screen nothing in a drawer that is shut can be reached, nor what lies under an open one. */
  #reach() {
    this.root.inert = narrow.matches && !this.isOpen;
    document.getElementById("main").inert = narrow.matches && this.isOpen;
  }

  #draw() {
    const { view } = this.store;
    fill(this.guild, h("span", { class: "guild-sign", "aria-hidden": "true" }, icon("app")), h("h2", {}, view.guild.name));
    const focused = document.activeElement?.dataset?.channel;
    fill(
      this.list,
      this.#group("Text channels", view.channels.filter((one) => one.kind === "text").flatMap((one) => this.#family(one))),
      this.#group("Direct messages", view.channels.filter((one) => one.kind === "dm" || one.kind === "group").map((one) => this.#entry(one))),
    );
    if (focused) this.list.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    this.#drawMe();
  }

  #group(title, entries) {
    if (entries.length === 0) return null;
    return h("section", { "aria-label": title }, h("h2", { class: "group-title" }, title), h("ul", {}, entries));
  }

  #family(channel) {
    const threads = this.store.view.channels.filter((one) => one.kind === "thread" && one.parent === channel.id);
    return [this.#entry(channel), ...threads.map((thread) => this.#entry(thread))];
  }

  #entry(channel) {
    const { store } = this;
    const unread = store.unread.get(channel.id) ?? 0;
    const bot = channel.kind === "dm";
    const button = h(
      "button",
      {
        type: "button",
        class: ["channel", channel.kind === "thread" && "channel-thread", unread > 0 && "unread"],
        "aria-current": channel.id === store.channelId ? "page" : null,
        dataset: { channel: channel.id },
        on: { click: () => (channel.id === store.channelId ? this.close() : store.select(channel.id)) },
      },
      bot ? presence({ ...store.view.bot, bot: true }, store.view.bot.online, "small") : icon(channelIcon(channel)),
      h("span", { class: "channel-name" }, bot ? store.view.bot.name : channel.name),
      channel.nsfw && h("span", { class: "age", title: "Age-restricted" }, "18+"),
      unread > 0 && h("span", { class: ["count", bot && "count-direct"] }, h("span", { class: "visually-hidden" }, "unread: "), String(unread)),
    );
    return h("li", {}, button);
  }

  #drawMe() {
    const { user } = this.store;
    const button = h(
      "button",
      { type: "button", class: "me-button", "aria-haspopup": "dialog", "aria-label": `You are ${user.name}; switch user, language or theme` },
      avatar(user, "small"),
      h(
        "span",
        { class: "me-text" },
        h("span", { class: "me-name" }, user.name, user.moderator && icon("shield")),
        h("span", { class: "me-about" }, user.moderator ? "Moderator" : "Member", ` · ${user.locale}`),
      ),
      icon("chevron"),
    );
    button.addEventListener("click", () => openPeople(button, this.store, this.actions));
    const focused = this.me.contains(document.activeElement);
    fill(this.me, button);
    if (focused) button.focus();
  }
}
