// Files of messages: galleries, players, cards. Pictures keep their place while they load, so nothing jumps.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { fileKey, local } from "./links.js";
import { bytes, within } from "./size.js";

const SINGLE = { width: 520, height: 380 };

const isPicture = (file) => /^image\/(?!svg)/.test(file.content_type ?? "") && file.width && file.height;
const isVideo = (file) => /^video\//.test(file.content_type ?? "");
const isSound = (file) => /^audio\//.test(file.content_type ?? "");

/** What a picture is called aloud. */
export const described = (file) => file.description || file.filename;

/**
 * An image that takes over from the one that `before` holds without a gap: that stays until this is loaded.
 */
export function picture(url, alt, before) {
  const key = fileKey(url);
  const old = before?.querySelector("img:not(.stale)") ?? null;
  if (old?.dataset.key === key) return [old];
  const image = h("img", { src: url, alt, decoding: "async", draggable: "false", dataset: { key } });
  if (old === null) {
    image.classList.add("loading");
    image.addEventListener("load", () => image.classList.remove("loading"), { once: true });
    image.addEventListener("error", () => image.classList.remove("loading"), { once: true });
    return [image];
  }
  old.classList.add("stale");
  old.alt = "";
  for (const event of ["load", "error"]) image.addEventListener(event, () => old.remove(), { once: true });
  return [old, image];
}

/** All the files of a message that no embed shows. `open(files, index)` shows pictures large. */
export function attachments(files, open) {
  const shown = files.filter((file) => !file.shown);
  const pictures = shown.filter(isPicture);
  const rest = shown.filter((file) => !isPicture(file));
  return [
    pictures.length > 0 && gallery(pictures, open),
    rest.map((file) => {
      if (isVideo(file)) return covered(file, video(file));
      return isSound(file) ? covered(file, sound(file)) : card(file);
    }),
  ];
}

function gallery(pictures, open) {
  const tiles = pictures.map((file, index) => {
    const tile = h(
      "button",
      { type: "button", class: "tile", "aria-label": `Open ${described(file)}`, on: { click: () => open(pictures, index) } },
      picture(local(file.url) ?? "", described(file), null),
    );
    if (pictures.length === 1) sized(tile, file);
    return covered(file, tile);
  });
  return h("div", { class: ["gallery", `gallery-${pictures.length}`], role: "group", "aria-label": counted(pictures) }, tiles);
}

const counted = (pictures) => (pictures.length === 1 ? "1 picture" : `${pictures.length} pictures`);

/** Give a frame the size that its file will have in it. */
export function sized(frame, file, most = SINGLE) {
  if (!file?.width || !file.height) return frame;
  const { width, height } = within(file.width, file.height, most);
  frame.style.setProperty("--width", `${width}px`);
  frame.style.setProperty("--ratio", `${width} / ${height}`);
  frame.classList.add("sized");
  return frame;
}

function video(file) {
  const player = h("video", {
    src: local(file.url),
    controls: true,
    loop: true,
    preload: "metadata",
    playsinline: true,
    "aria-label": described(file),
  });
  const frame = sized(h("div", { class: "video" }, player), file);
  player.addEventListener("loadedmetadata", () => {
    if (!file.width) sized(frame, { width: player.videoWidth, height: player.videoHeight });
  });
  return frame;
}

function sound(file) {
  const player = h("audio", { src: local(file.url), controls: true, preload: "metadata", "aria-label": described(file) });
  return h("div", { class: "sound" }, h("div", { class: "sound-name" }, icon("music"), about(file)), player);
}

function card(file) {
  return h("div", { class: "card" }, icon("file"), about(file));
}

function about(file) {
  const url = local(file.url);
  const size = h("span", { class: "card-size" }, bytes(file.size));
  if (url === null) return h("span", { class: "card-about" }, h("span", { class: "card-name" }, file.filename), size);
  return [
    h("span", { class: "card-about" }, h("a", { href: url, target: "_blank", rel: "noopener", class: "card-name" }, file.filename), size),
    h("a", { href: url, download: file.filename, class: "icon-button", "aria-label": `Download ${file.filename}` }, icon("download")),
  ];
}

/** A file under a cover, if it is a spoiler. */
function covered(file, shown) {
  if (!file.spoiler) return shown;
  const inner = h("div", { class: "spoiler-inner", props: { inert: true } }, shown);
  const cover = h("button", { type: "button", class: "spoiler-lift", "aria-label": `Spoiler: show ${described(file)}` }, "Spoiler");
  const box = h("div", { class: "spoiler-box" }, inner, cover);
  cover.addEventListener("click", () => {
    inner.inert = false;
    box.classList.add("shown");
    cover.remove();
    inner.querySelector("button, video, audio, a")?.focus();
  });
  return box;
}
