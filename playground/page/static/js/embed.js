// Embeds.

import { barColour } from "./colour.js";
import { h } from "./dom.js";
import { fileKey, followed, local } from "./links.js";
import { picture, sized } from "./media.js";
import { full } from "./time.js";

const IMAGE = { width: 440, height: 400 };
const THUMBNAIL = { width: 88, height: 88 };

/**
 * One embed. `files` are the message's, which tell the size of what is shown; `before` is what stood in its place, whose
 * pictures stay until the new ones are there; `open(files, index)` shows a picture large.
 */
export function embed(data, { text, files, before, open }) {
  const frame = (name, part, most) => {
    const url = local(part?.url);
    if (url === null) return elsewhere(part?.url);
    const file = files.find((one) => fileKey(one.url) === fileKey(part.url)) ?? guessed(part);
    const button = h("button", { type: "button", class: name, "aria-label": `Open ${file.description || "the picture"}` });
    button.append(...picture(url, file.description ?? "", before?.querySelector(`.${name}`)));
    button.addEventListener("click", () => open([{ ...file, url: part.url }], 0));
    return sized(button, file, most);
  };
  return h(
    "article",
    { class: "embed", "aria-label": data.title || "Embed", style: { "--bar": barColour(data.color) } },
    h(
      "div",
      { class: "embed-grid" },
      h(
        "div",
        { class: "embed-main" },
        author(data.author),
        data.title && h("div", { class: "embed-title" }, titled(data, text)),
        data.description && h("div", { class: "embed-text markup" }, text.blocks(data.description)),
        fields(data.fields ?? [], text),
      ),
      data.thumbnail && frame("embed-thumbnail", data.thumbnail, THUMBNAIL),
    ),
    data.image && frame("embed-image", data.image, IMAGE),
    footer(data),
  );
}

const guessed = (part) => ({ filename: "picture", width: part.width, height: part.height, description: "" });

/** A picture on another server is not fetched; whoever wants it may follow the link. */
function elsewhere(url) {
  if (!followed(url)) return null;
  return h("a", { class: "embed-elsewhere", href: url, target: "_blank", rel: "noopener noreferrer" }, "Picture on another site");
}

function author(part) {
  if (!part?.name) return null;
  const name = followed(part.url)
    ? h("a", { href: part.url, target: "_blank", rel: "noopener noreferrer" }, part.name)
    : part.name;
  return h("div", { class: "embed-author" }, name);
}

function titled(data, text) {
  const title = text.inline(data.title);
  if (!followed(data.url)) return title;
  return h("a", { href: data.url, target: "_blank", rel: "noopener noreferrer" }, title);
}

/** Inline fields stand side by side, three to a row; the width of each is in twelfths. */
function fields(list, text) {
  if (list.length === 0) return null;
  const cells = [];
  for (let n = 0; n < list.length; ) {
    let count = 1;
    if (list[n].inline) while (count < 3 && list[n + count]?.inline) count += 1;
    for (const field of list.slice(n, n + count)) {
      cells.push(
        h(
          "div",
          { class: ["embed-field", !field.inline && "alone"], style: { "--span": String(12 / count) } },
          h("div", { class: "embed-name" }, text.inline(field.name)),
          h("div", { class: "embed-value markup" }, text.blocks(field.value)),
        ),
      );
    }
    n += count;
  }
  return h("div", { class: "embed-fields" }, cells);
}

function footer(data) {
  const moment = data.timestamp ? new Date(data.timestamp) : null;
  const said = [data.footer?.text, moment && !Number.isNaN(moment.getTime()) ? full(moment.getTime()) : null];
  const line = said.filter(Boolean).join(" · ");
  return line && h("footer", { class: "embed-footer" }, line);
}
