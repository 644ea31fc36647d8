// Times as people read them. Relative ones tick: they are looked at once a second while the page is visible.

import { h } from "./dom.js";

const STEPS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

let locale = "en-US";
let formats = new Map();

/** Times are written the way of this locale from now on; one that is not known leaves it at English. */
export function setLocale(wanted) {
  formats = new Map();
  try {
    locale = Intl.getCanonicalLocales(wanted)[0] ?? "en-US";
  } catch {
    locale = "en-US";
  }
}

function format(key, make) {
  if (!formats.has(key)) formats.set(key, make());
  return formats.get(key);
}

const written = (ms, style) =>
  format(style, () => new Intl.DateTimeFormat(locale, STYLES[style])).format(new Date(ms));

/** How far a moment is from now, in words. */
function relative(ms) {
  const seconds = Math.round((ms - Date.now()) / 1000);
  const words = format("R", () => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? STEPS.at(-1);
  return words.format(Math.trunc(seconds / size), unit);
}

/** The time of a message: short today, with its date before that. */
export function clock(ms) {
  const today = new Date().toDateString() === new Date(ms).toDateString();
  return today ? written(ms, "t") : `${written(ms, "d")}, ${written(ms, "t")}`;
}

/** A day, for the line between two. */
export const day = (ms) => written(ms, "D");

/** All of a moment, for a hint. */
export const full = (ms) => written(ms, "F");

/** `<t:unix:style>` of a message, as an element. */
export function timestamp(unix, style) {
  const ms = unix * 1000;
  if (Number.isNaN(new Date(ms).getTime())) return h("span", {}, `<t:${unix}>`);
  const props = { class: "timestamp", datetime: new Date(ms).toISOString(), title: full(ms) };
  if (style !== "R") return h("time", props, written(ms, style in STYLES ? style : "f"));
  return h("time", { ...props, dataset: { relative: String(ms) } }, relative(ms));
}

/** Begin to tick. */
export function startTicking() {
  setInterval(() => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("time[data-relative]")) {
      const text = relative(Number(element.dataset.relative));
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);
}
