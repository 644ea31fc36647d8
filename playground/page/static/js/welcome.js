// What stands above the first message: where one is, and what to type first.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { channelIcon } from "./sidebar.js";
import { COMMAND } from "./wire.js";

const TRIES = [
  ["generate", "makes a picture from words"],
  ["workflows", "lists what can be made here"],
  ["help", "tells the rest"],
];

/** Draw it for the channel that is open; with a hint where nothing was said yet. */
export function welcome(store, empty) {
  const box = document.getElementById("welcome");
  const channel = store.channel;
  box.hidden = channel === null || !store.whole.has(channel.id);
  if (box.hidden) return;
  const direct = channel.kind === "dm";
  const title = direct ? store.view.bot.name : channel.kind === "text" ? `Welcome to #${channel.name}` : channel.name;
  const about = direct
    ? `This is the beginning of your direct messages with ${store.view.bot.name}.`
    : `This is the beginning of ${{ text: `#${channel.name}`, thread: "this thread" }[channel.kind] ?? "this group"}.`;
  fill(
    box,
    h("span", { class: "welcome-icon" }, icon(channelIcon(channel))),
    h("h2", {}, title),
    h("p", {}, channel.topic || about),
    empty && hint(store),
  );
}

function hint(store) {
  const offered = TRIES.filter(([name]) => store.commands.some((command) => command.type === COMMAND.SLASH && command.name === name));
  if (offered.length === 0) {
    const why = store.view.bot.online ? "The bot has no commands here." : "The bot is not here yet; it should be in a moment.";
    return h("p", { class: "welcome-hint" }, why);
  }
  const begin = (name) => {
    const button = h("button", { type: "button", class: "try-button" }, h("code", {}, `/${name}`));
    button.addEventListener("click", () => store.tell("begin", name));
    return button;
  };
  return h(
    "div",
    { class: "welcome-hint" },
    h("p", {}, "Type ", h("kbd", {}, "/"), " below, or begin with one of these:"),
    h("ul", {}, offered.map(([name, does]) => h("li", {}, begin(name), ` ${does}`))),
  );
}
