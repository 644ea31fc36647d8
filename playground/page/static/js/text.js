// Markdown trees as DOM nodes.

import { h } from "./dom.js";
import { parseInline } from "./inline.js";
import { parse } from "./markdown.js";
import { timestamp } from "./time.js";

const JUMP = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(?:@me|\d+)\/(\d+)(?:\/(\d+))?$/;

/**
 * What a text refers to. `user(id)`, `channel(id)` give names or null; `jump(channel, message)` goes there;
 * `command(name)` begins to type one.
 */
export class Text {
  constructor(names) {
    this.names = names;
  }

  /** A text with all of its markdown. */
  blocks(text) {
    return parse(text).map((block) => this.#block(block));
  }

  /** A text with what may stand within a line. */
  inline(text) {
    return this.#all(parseInline(text));
  }

  #all(nodes) {
    return nodes.map((node) => this.#inline(node));
  }

  #block(block) {
    switch (block.kind) {
      case "fence":
        return h("pre", { tabindex: "0", role: "region", "aria-label": "Code" }, h("code", {}, block.text));
      case "quote":
        return h("blockquote", {}, block.children.map((child) => this.#block(child)));
      case "heading":
        return h("div", { class: `heading-${block.level}`, role: "heading", "aria-level": String(block.level + 2) }, this.#all(block.children));
      case "subtext":
        return h("small", { class: "subtext" }, this.#all(block.children));
      case "list": {
        const items = block.children.map((item) => h("li", {}, item.children.map((child) => this.#any(child))));
        return block.ordered ? h("ol", { start: String(block.start) }, items) : h("ul", {}, items);
      }
      default:
        return h("p", {}, this.#all(block.children));
    }
  }

  #any(node) {
    return node.kind === "list" ? this.#block(node) : this.#inline(node);
  }

  #inline(node) {
    switch (node.kind) {
      case "text":
        return node.text;
      case "code":
        return h("code", {}, node.text);
      case "strong":
        return h("strong", {}, this.#all(node.children));
      case "em":
        return h("em", {}, this.#all(node.children));
      case "underline":
        return h("u", {}, this.#all(node.children));
      case "strike":
        return h("s", {}, this.#all(node.children));
      case "spoiler":
        return spoiler(this.#all(node.children));
      case "link":
        return this.#link(node);
      case "time":
        return timestamp(node.unix, node.style);
      case "command":
        return h("button", { type: "button", class: "mention", on: { click: () => this.names.command(node.name) } }, `/${node.name}`);
      case "channel":
        return this.#channel(node.id);
      case "user":
        return h("span", { class: "mention" }, `@${this.names.user(node.id) ?? "unknown-user"}`);
      case "role":
        return h("span", { class: "mention" }, "@unknown-role");
      default:
        return h("span", { class: "mention" }, node.text);
    }
  }

  #channel(id) {
    const name = this.names.channel(id);
    if (name === null) return h("span", { class: "mention" }, "#unknown");
    return h("button", { type: "button", class: "mention", on: { click: () => this.names.jump(id, null) } }, `#${name}`);
  }

  #link(node) {
    const target = JUMP.exec(node.url);
    if (target && this.names.channel(target[1]) !== null) {
      const go = (event) => {
        event.preventDefault();
        this.names.jump(target[1], target[2] ?? null);
      };
      return h("a", { href: `#${target[2] ?? target[1]}`, class: "jump", on: { click: go } }, this.#all(node.children));
    }
    return h(
      "a",
      { href: node.url, title: node.url, target: "_blank", rel: "noopener noreferrer" },
      this.#all(node.children),
    );
  }
}

/** Text under a cover that a click or Enter takes away. */
function spoiler(children) {
  const inner = h("span", { class: "spoiler-text", props: { inert: true } }, children);
  const cover = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler, show it" }, inner);
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (inner.inert === false) return;
    event.preventDefault();
    event.stopPropagation();
    inner.inert = false;
    cover.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) cover.removeAttribute(name);
  };
  cover.addEventListener("click", reveal);
  cover.addEventListener("keydown", reveal);
  return cover;
}
