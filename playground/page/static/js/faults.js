// Faults on a switch, so that one sees what users would see.

import { fill, h, uid } from "./dom.js";
import { openPopup } from "./popup.js";

let redraw = null;

/** Open the panel. `actions.fault(name, value)` and `actions.nsfw(channel, value)` return promises. */
export function openFaults(anchor, store, actions) {
  const problem = h("p", { class: "panel-problem", role: "alert" });
  const list = h("div", { class: "switches" });
  const panel = h(
    "div",
    { class: "panel faults", role: "dialog", "aria-label": "Faults and demo settings" },
    h("h2", { class: "panel-title" }, "Make something fail"),
    h("p", { class: "panel-about" }, "For whoever works on the bot: what would users see?"),
    list,
    problem,
  );
  const act = async (promise) => {
    problem.textContent = "";
    try {
      await promise;
    } catch (error) {
      problem.textContent = error.message;
      draw();
    }
  };
  const draw = () => {
    const focused = document.activeElement?.dataset?.fault;
    const { channel } = store;
    fill(
      list,
      store.view.faults.map((fault) => row(fault, (value) => act(actions.fault(fault.name, value)))),
      channel.kind === "text" && row(restriction(channel), (value) => act(actions.nsfw(channel.id, value))),
    );
    if (focused) list.querySelector(`[data-fault="${CSS.escape(focused)}"]`)?.focus();
  };
  draw();
  redraw = draw;
  openPopup(panel, anchor, {
    sheet: true,
    onClose: (reason) => {
      redraw = null;
      if (reason === "escape") anchor.focus();
    },
  });
  (panel.querySelector("button, select") ?? panel).focus();
}

/** The switches changed. */
export function refreshFaults() {
  redraw?.();
}

const restriction = (channel) => ({
  name: "nsfw",
  label: `Age-restrict #${channel.name}`,
  about: "Workflows for adults are offered in such channels only.",
  kind: "toggle",
  value: channel.nsfw,
});

function row(fault, set) {
  const id = uid("fault");
  const about = fault.about ? h("p", { class: "switch-about", id: `${id}-about` }, fault.about) : null;
  const label = h("span", { class: "switch-label", id }, fault.label);
  return h("div", { class: "switch" }, h("div", { class: "switch-text" }, label, about), control(fault, id, about, set));
}

function control(fault, id, about, set) {
  const common = { "aria-describedby": about?.id, dataset: { fault: fault.name } };
  if (fault.kind === "press") {
    const words = h("span", { id: `${id}-do` }, "Do it");
    const props = { ...common, type: "button", class: "button secondary", "aria-labelledby": `${id}-do ${id}` };
    return h("button", { ...props, on: { click: () => set(true) } }, words);
  }
  if (fault.kind === "toggle") {
    const props = { ...common, type: "button", class: "toggle", role: "switch", "aria-checked": String(Boolean(fault.value)) };
    return h("button", { ...props, "aria-labelledby": id, on: { click: () => set(!fault.value) } }, h("span", { class: "knob" }));
  }
  const field = h(
    "select",
    { ...common, class: "plain-select", "aria-labelledby": id },
    fault.choices.map((choice, n) => h("option", { value: String(n), selected: choice.value === fault.value }, choice.label)),
  );
  field.addEventListener("change", () => set(fault.choices[Number(field.value)].value));
  return field;
}
