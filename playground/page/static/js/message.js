// One message on the screen. An edit renews only those parts of it that changed.

import { avatar } from "./avatar.js";
import { nameColours } from "./colour.js";
import { markClicks } from "./components.js";
import { fill, h } from "./dom.js";
import { embed } from "./embed.js";
import { icon } from "./icons.js";
import { attachments } from "./media.js";
import { popupElement, reanchor } from "./popup.js";
import { layout } from "./layout.js";
import { clock, full } from "./time.js";

const SLOTS = ["above", "byline", "content", "files", "embeds", "components", "failure", "below"];
const LINKS_AGE = /\?ex=[^"]*?(?=")/g;

/** What a part is made of, to tell whether it changed; signatures of links change all the time. */
const sign = (...values) => JSON.stringify(values).replace(LINKS_AGE, "");

export class MessageView {
  /** `scene` has text, store, act, open (pictures), onReply, onMenu, onDismiss, jump. */
  constructor(message, scene) {
    this.scene = scene;
    this.signatures = {};
    this.slots = Object.fromEntries(SLOTS.map((name) => [name, h("div", { class: `slot-${name}` })]));
    this.slots.byline = h("div", { class: "byline" });
    this.slots.failure = h("div", { class: "failure", role: "alert" });
    const { above, ...rest } = this.slots;
    this.gutter = h("div", { class: "gutter" });
    this.element = h(
      "article",
      { class: "message", tabindex: "-1", id: `message-${message.id}`, dataset: { id: message.id } },
      above,
      this.gutter,
      h("div", { class: "message-body" }, Object.values(rest)),
      this.#tools(),
    );
  }

  /** Show this state of it; `grouped` leaves out the head, as the one before it has the same. */
  update(message, grouped) {
    this.message = message;
    const { element } = this;
    const { text, store, open, act } = this.scene;
    element.classList.toggle("grouped", grouped);
    element.classList.toggle("ephemeral", message.ephemeral);
    element.classList.toggle("mentions-me", message.content.includes(`<@${store.user.id}>`));
    element.setAttribute("aria-label", spoken(message));
    this.#patch("gutter", this.gutter, sign(grouped, message.author, message.time), () =>
      grouped ? h("time", { class: "gutter-time", datetime: iso(message.time) }, clock(message.time)) : avatar(message.author),
    );
    this.#slot("above", sign(message.interaction, message.reply_to), () => [this.#used(message), this.#reply(message)]);
    this.#slot("byline", sign(grouped, message.author, message.time), () => !grouped && byline(message));
    this.#slot("content", sign(message.content, message.thinking, message.edited), () => content(message, text));
    this.#slot("files", sign(message.attachments.filter((file) => !file.shown)), () => attachments(message.attachments, open));
    this.#slot("embeds", sign(message.embeds, message.attachments.length), (before) =>
      message.embeds.map((data, n) => embed(data, { text, files: message.attachments, before: before[n], open })),
    );
    this.#slot("components", sign(message.components), () => layout(message, { text, open, act, view: store.view }));
    this.#slot("below", sign(message.ephemeral), () => message.ephemeral && this.#onlyYou());
    this.mark();
  }

  /** Show what became of clicks on it. */
  mark() {
    const problem = markClicks(this.slots.components, this.message, this.scene.store.clicks);
    this.#slot("failure", sign(problem), () => problem && [icon("warning"), problem]);
  }

  #slot(name, signature, build) {
    this.#patch(name, this.slots[name], signature, build);
  }

  #patch(name, slot, signature, build) {
    if (this.signatures[name] === signature) return;
    this.signatures[name] = signature;
    const focused = slot.contains(document.activeElement) ? document.activeElement : null;
    const custom = focused?.dataset.custom ?? null;
    const anchored = popupElement() && slot.querySelector("[aria-expanded=true][data-custom]")?.dataset.custom;
    fill(slot, build([...slot.children]));
    const find = (id) => (id ? [...slot.querySelectorAll("[data-custom]")].find((one) => one.dataset.custom === id) : null);
    if (anchored) reanchor(find(anchored) ?? null);
    if (focused && !focused.isConnected) (find(custom) ?? this.element).focus({ preventScroll: true });
  }

  #tools() {
    const more = h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "More actions", "aria-haspopup": "menu" },
      icon("more"),
    );
    more.addEventListener("click", () => this.scene.onMenu(this.message, more));
    const reply = h("button", { type: "button", class: "icon-button", "aria-label": "Reply" }, icon("reply"));
    reply.addEventListener("click", () => this.scene.onReply(this.message));
    return h("div", { class: "tools", role: "group", "aria-label": "Message actions" }, reply, more);
  }

  #used(message) {
    if (!message.interaction?.name) return null;
    const { user, name, slash } = message.interaction;
    const command = h("span", { class: "used-command" }, slash ? `/${name}` : name);
    return h("div", { class: "used" }, h("span", { class: "hook" }), avatar(user, "tiny"), who(user), h("span", {}, " used "), command);
  }

  #reply(message) {
    const target = message.reply_to;
    if (!target) return null;
    const quoted = h("button", { type: "button", class: "reply-text" }, target.text || "Press to see what it was");
    quoted.addEventListener("click", () => this.scene.jump(message.channel, target.id));
    return h("div", { class: "used" }, h("span", { class: "hook" }), h("span", { class: "name" }, target.author), quoted);
  }

  #onlyYou() {
    const dismiss = h("button", { type: "button", class: "link-button" }, "Dismiss");
    dismiss.addEventListener("click", () => this.scene.onDismiss(this.message));
    return h("div", { class: "only-you" }, icon("eye"), "Only you can see this · ", dismiss);
  }
}

const iso = (ms) => new Date(ms).toISOString();

const who = (person) => h("span", { class: "name", style: nameColours(person.colour) }, person.name);

function byline(message) {
  const tag = message.author.bot && h("span", { class: "tag" }, "APP");
  return [who(message.author), tag, h("time", { datetime: iso(message.time), title: full(message.time) }, clock(message.time))];
}

function content(message, text) {
  if (message.thinking) {
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    return h("p", { class: "thinking" }, dots, `${message.author.name} is thinking…`);
  }
  const edited = message.edited && h("span", { class: "edited", title: full(message.edited) }, "(edited)");
  const blocks = message.content ? text.blocks(message.content) : [];
  const last = blocks.at(-1);
  if (edited && last instanceof HTMLParagraphElement) last.append(" ", edited);
  else if (edited && blocks.length) blocks.push(edited);
  return blocks.length > 0 && h("div", { class: "content markup" }, blocks);
}

/** The beginning of a text without its marks, and without what changes with every second. */
const plain = (text) => text?.slice(0, 200).replace(/<t:-?\d+:R>|^-# |[`*_>█░]/gm, "");

/** The message in one breath, for a screen reader. */
export function spoken(message) {
  const first = message.embeds[0];
  const said = [
    message.thinking ? "is thinking" : plain(message.content),
    first?.title,
    plain(first?.description),
    ["", "1 file"][message.attachments.length] ?? `${message.attachments.length} files`,
    message.ephemeral ? "only you can see this" : "",
  ];
  return `${message.author.name}: ${said.filter(Boolean).join(", ")}`;
}
