// Buttons and selects below a message.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { icon } from "./icons.js";
import { followed } from "./links.js";
import { Select } from "./select.js";
import { PART } from "./wire.js";

const LINK = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };
const ENTITIES = {
  [PART.USER_SELECT]: "user",
  [PART.ROLE_SELECT]: "role",
  [PART.MENTIONABLE_SELECT]: "user",
  [PART.CHANNEL_SELECT]: "channel",
};

/** The options of a select; those of people and places come from the view. */
export function optionsOf(part, view) {
  const kind = ENTITIES[part.type];
  if (kind === undefined) return part.options ?? [];
  const chosen = new Set((part.default_values ?? []).map((value) => value.id));
  const found = kind === "user" ? [...view.users, view.bot] : kind === "channel" ? view.channels : [];
  return found.map((one) => ({ label: one.name, value: one.id, default: chosen.has(one.id) }));
}

/** A button or select of a message. `act(verb, body)` sends what somebody did. */
export function control(message, part, { view, act }) {
  return part.type === PART.BUTTON ? button(message, part, act) : select(message, part, view, act);
}

function button(message, part, act) {
  const inside = [emoji(part.emoji), h("span", { class: "button-label" }, part.label ?? "")];
  const spoken = part.label ? null : (part.emoji?.name ?? "Button");
  if (part.style === LINK) {
    if (!followed(part.url)) return null;
    const props = { class: "button secondary", href: part.url, target: "_blank", rel: "noopener noreferrer", "aria-label": spoken };
    return h("a", props, inside, icon("open"));
  }
  return h(
    "button",
    {
      type: "button",
      class: ["button", STYLES[part.style] ?? "secondary"],
      disabled: Boolean(part.disabled),
      "aria-label": spoken,
      dataset: { custom: part.custom_id },
      on: { click: () => act("click", { message: message.id, custom_id: part.custom_id }) },
    },
    inside,
    h("span", { class: "spinner", "aria-hidden": "true" }),
  );
}

function select(message, part, view, act) {
  const field = new Select({
    label: part.placeholder || "Choose",
    placeholder: part.placeholder || "Choose",
    options: optionsOf(part, view),
    least: part.min_values ?? 1,
    most: part.max_values ?? 1,
    disabled: Boolean(part.disabled),
    onChoice: (values) => act("select", { message: message.id, custom_id: part.custom_id, values }),
  });
  field.element.dataset.custom = part.custom_id;
  return field.element;
}

/** Show which of a message's parts wait for an answer, and which came to nothing; the sentence of the last such. */
export function markClicks(slot, message, clicks) {
  let problem = "";
  for (const element of slot.querySelectorAll("[data-custom]")) {
    const state = clicks.get(`${message.id} ${element.dataset.custom}`);
    element.classList.toggle("waiting", state?.state === "sent");
    if (state?.state === "sent") element.setAttribute("aria-busy", "true");
    else element.removeAttribute("aria-busy");
    if (state?.state === "failed") problem = state.error || "This interaction failed";
  }
  return problem;
}
