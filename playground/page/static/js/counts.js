// How much a field of a form has to hold.

import { PART } from "./wire.js";

export const required = (part) => part.required !== false;

/** Why a number of things is wrong, or null. */
export function wrongCount(part, count, noun) {
  if (count === 0 && !required(part)) return null;
  const low = Math.max(part.min_values ?? 1, Number(required(part)));
  const high = part.max_values ?? (part.type === PART.CHECKBOXES ? part.options.length : 1);
  if (count === 0 && low > 0) return "This is required.";
  if (count < low) return `Choose at least ${low} ${noun}.`;
  return count > high ? `Choose at most ${high} ${noun}.` : null;
}
