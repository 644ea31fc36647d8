// What a message has below its text: rows of controls, and texts, galleries and containers where it is laid out so.

import { barColour } from "./colour.js";
import { control } from "./components.js";
import { h } from "./dom.js";
import { fileKey, local } from "./links.js";
import { attachments, sized } from "./media.js";
import { PART } from "./wire.js";

/** The components of a message, in their order. `scene` has text, open (pictures), view and act. */
export function layout(message, scene) {
  const { text, open } = scene;
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
      case PART.ROW:
        return h("div", { class: "row" }, part.components.map((one) => control(message, one, scene)));
      case PART.BUTTON:
        return control(message, part, scene);
      case PART.TEXT:
        return h("div", { class: "content markup" }, text.blocks(part.content));
      case PART.SECTION:
        return h("div", { class: "embed-grid" }, h("div", { class: "embed-main" }, part.components.map(draw)), draw(part.accessory ?? {}));
      case PART.THUMBNAIL:
        return thumbnail(part);
      case PART.GALLERY:
        return media(part.items);
      case PART.FILE:
        return media([part]);
      case PART.SEPARATOR:
        return h("hr", { class: part.divider === false && "gap" });
      case PART.CONTAINER:
        return h("div", { class: "embed", style: { "--bar": barColour(part.accent_color) } }, part.components.map(draw));
      default:
        return null;
    }
  };

  return message.components.map(draw);
}
