// Messages that are laid out by components: texts, galleries, containers and what else is not a row of controls.

import { barColour } from "./colour.js";
import { h } from "./dom.js";
import { fileKey, local } from "./links.js";
import { attachments, sized } from "./media.js";

const SECTION = 9;
const TEXT = 10;
const THUMBNAIL = 11;
const GALLERY = 12;
const FILE = 13;
const SEPARATOR = 14;
const CONTAINER = 17;

/** The parts of a message that are no rows, in their order. */
export function layout(message, { text, open }) {
  const file = (media) => message.attachments.find((one) => fileKey(one.url) === fileKey(media?.url)) ?? null;

  const media = (items) => {
    const found = items.map((item) => ({ file: file(item.media ?? item.file), item })).filter((one) => one.file);
    return attachments(
      found.map(({ file: one, item }) => ({ ...one, shown: false, spoiler: Boolean(item.spoiler), description: item.description ?? one.description })),
      open,
    );
  };

  const thumbnail = (part) => {
    const one = file(part.media);
    const url = local(one?.url);
    if (url === null) return null;
    const image = h("img", { src: url, alt: part.description ?? "" });
    return sized(h("div", { class: "embed-thumbnail" }, image), one, { width: 88, height: 88 });
  };

  const draw = (part) => {
    switch (part.type) {
      case TEXT:
        return h("div", { class: "content markup" }, text.blocks(part.content));
      case SECTION:
        return h("div", { class: "embed-grid" }, h("div", { class: "embed-main" }, part.components.map(draw)), draw(part.accessory ?? {}));
      case THUMBNAIL:
        return thumbnail(part);
      case GALLERY:
        return media(part.items);
      case FILE:
        return media([part]);
      case SEPARATOR:
        return h("hr", { class: part.divider === false ? "gap" : "divider" });
      case CONTAINER:
        return h("div", { class: "embed", style: { "--bar": barColour(part.accent_color) } }, part.components.map(draw));
      default:
        return null;
    }
  };

  return message.components.map(draw);
}
