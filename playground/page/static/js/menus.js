// What the menus offer.

import { localised } from "./commands.js";
import { openMenu } from "./menu.js";
import { COMMAND } from "./wire.js";

/** `actions` has reply, remove, copy, and menu(command, target). */
export function messageMenu(store, actions, message, anchor) {
  const own = [{ label: "Reply", sign: "reply", act: () => actions.reply(message) }];
  const text = copied(message);
  if (text) own.push({ label: "Copy text", sign: "copy", act: () => actions.copy(text) });
  const mine = message.author.id === store.user.id;
  const removal = [];
  if (message.ephemeral) removal.push({ label: "Dismiss message", sign: "close", act: () => actions.remove(message) });
  else if (mine || (store.user.moderator && store.channel.kind !== "dm")) {
    removal.push({ label: "Delete message", sign: "trash", danger: true, act: () => actions.remove(message) });
  }
  const apps = offered(store, COMMAND.MESSAGE, (command) => actions.menu(command, { message: message.id }));
  const back = anchor instanceof Element ? anchor : document.getElementById(`message-${message.id}`);
  openMenu("Message", [[null, own], ["Apps", apps], [null, removal]], anchor, back);
}

export function personMenu(store, actions, person, anchor) {
  const own = [{ label: "Copy name", sign: "copy", act: () => actions.copy(person.name) }];
  const apps = offered(store, COMMAND.USER, (command) => actions.menu(command, { target_user: person.id }));
  openMenu(person.name, [[null, own], ["Apps", apps]], anchor, anchor);
}

function offered(store, type, act) {
  return store.commands
    .filter((command) => command.type === type)
    .map((command) => ({ label: localised(command, "name", store.user.locale), sign: "app", act: () => act(command) }));
}

/** What "Copy text" copies: what was written, else what the embeds say. */
function copied(message) {
  if (message.content) return message.content;
  return message.embeds
    .map((embed) => [embed.title, embed.description, ...(embed.fields ?? []).map((field) => `${field.name}: ${field.value}`)])
    .flat()
    .filter(Boolean)
    .join("\n");
}
