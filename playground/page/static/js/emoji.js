// Emoji of buttons and options.

import { h } from "./dom.js";

/** Those of a guild are pictures elsewhere, and shown by their names. Null for none. */
export function emoji(part) {
  if (!part?.name) return null;
  return h("span", { class: "emoji", "aria-hidden": "true" }, part.id ? `:${part.name}:` : part.name);
}
