// Values of slash options: what may be typed, and what is sent. Nothing here touches the page.

import { localised } from "./commands.js";
import { OPTION } from "./wire.js";

const PLACES = { 0: "text", 1: "dm", 3: "group", 11: "thread" };

/** The fixed values that an option offers as {label, value}; null where it takes what is typed. */
export function fixedChoices(option, view) {
  const { locale } = view.user;
  if (option.choices?.length) {
    return option.choices.map((choice) => ({ label: localised(choice, "name", locale), value: choice.value }));
  }
  if (option.type === OPTION.BOOLEAN) return [{ label: "True", value: true }, { label: "False", value: false }];
  if (option.type === OPTION.USER) return [...view.users, view.bot].map((one) => ({ label: one.name, value: one.id }));
  if (option.type === OPTION.CHANNEL) {
    const kinds = option.channel_types?.map((type) => PLACES[type]);
    const fitting = view.channels.filter((one) => !kinds || kinds.includes(one.kind));
    return fitting.map((one) => ({ label: `#${one.name}`, value: one.id }));
  }
  return null;
}

/** What may be typed, in words; empty where anything may. */
export function rangeOf(option) {
  const [low, high] = option.type === OPTION.STRING ? [option.min_length, option.max_length] : [option.min_value, option.max_value];
  const unit = option.type === OPTION.STRING ? " characters" : "";
  if (low !== undefined && low !== null && high !== undefined && high !== null) return `${low} to ${high}${unit}`;
  if (high !== undefined && high !== null) return `at most ${high}${unit}`;
  if (low !== undefined && low !== null && !(option.type === OPTION.STRING && low <= 1)) return `at least ${low}${unit}`;
  return option.type === OPTION.INTEGER ? "a whole number" : option.type === OPTION.NUMBER ? "a number" : "";
}

/** The choice that a typed text means, or undefined. */
export function chosenBy(typed, choices) {
  const wanted = typed.trim().toLowerCase();
  return choices.find((one) => one.label.toLowerCase() === wanted || String(one.value).toLowerCase() === wanted);
}

/** Choices that fit a typed text, at most 25. */
export function narrowed(typed, choices) {
  const wanted = typed.trim().toLowerCase();
  const fitting = choices.filter((one) => one.label.toLowerCase().includes(wanted));
  const first = (one) => Number(!one.label.toLowerCase().startsWith(wanted));
  return fitting.toSorted((one, other) => first(one) - first(other)).slice(0, 25);
}

/**
 * A typed text as a value: {value} or {error}. Empty is {value: undefined}; whether it may be is another question.
 */
export function read(option, typed) {
  if (typed === "") return { value: undefined };
  if (option.type === OPTION.STRING) {
    const length = typed.length;
    if (option.min_length && length < option.min_length) return { error: `It takes ${rangeOf(option)}.` };
    if (option.max_length && length > option.max_length) return { error: `It takes ${rangeOf(option)}; this has ${length}.` };
    return { value: typed };
  }
  const text = typed.trim().replace(/^([+-]?\d+),(\d+)$/, "$1.$2");
  const number = Number(text);
  const whole = option.type === OPTION.INTEGER;
  if (text === "" || !Number.isFinite(number) || !/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) || (whole && !Number.isInteger(number))) {
    return { error: whole ? "It takes a whole number." : "It takes a number." };
  }
  const { min_value: low, max_value: high } = option;
  if ((low !== undefined && low !== null && number < low) || (high !== undefined && high !== null && number > high)) {
    return { error: `It takes ${rangeOf(option)}.` };
  }
  return { value: number };
}
