// Forms that the bot opens.

import { required } from "./counts.js";
import { closeDialog, makeDialog, showDialog } from "./dialog.js";
import { h, uid } from "./dom.js";
import { makeField } from "./fields.js";
import { Text } from "./text.js";
import { PART } from "./wire.js";

export class Modals {
  /** `ask(verb, body)` is the connection's; `names` is what texts refer to. */
  constructor(store, ask, names) {
    this.store = store;
    this.ask = ask;
    this.text = new Text(names);
    this.open = null;
    store.on("view", () => this.#entered());
    store.on("modal", (modal) => this.show(modal));
    store.on("modal_gone", (interaction) => this.open?.id === interaction && this.#close());
    store.on("interaction", (push) => this.open?.sent === push.interaction && this.#answered(push));
  }

  show(modal) {
    this.#close();
    const fields = [];
    const parts = modal.components.map((part) => this.#part(part, fields));
    const problem = h("p", { class: "dialog-problem", role: "alert" });
    const send = h("button", { type: "submit", class: "button primary" }, h("span", { class: "button-label" }, "Submit"), h("span", { class: "spinner", "aria-hidden": "true" }));
    const cancel = h("button", { type: "button", class: "button secondary" }, "Cancel");
    const form = h("form", { class: "form", novalidate: true }, h("div", { class: "form-parts" }, parts), h("footer", { class: "dialog-foot" }, problem, cancel, send));
    const dialog = makeDialog({ title: modal.title, name: "modal", onCancel: () => this.#cancel() }, form);
    const from = h("p", { class: "dialog-from" }, `This form is from ${this.store.view.bot.name}.`);
    form.before(from);
    this.open = { id: modal.interaction, dialog, fields, problem, send, sent: null };
    cancel.addEventListener("click", () => this.#cancel());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    showDialog(dialog);
    (fields.find(({ field }) => field.control)?.field.control ?? send).focus();
  }

  /** After a reconnect an open form may be gone, or another one be there; what was typed stays if it is the same. */
  #entered() {
    const open = this.store.view.modals;
    if (this.open && open.some((modal) => modal.interaction === this.open.id)) return;
    this.#close();
    if (open.length) this.show(open.at(-1));
  }

  #part(part, fields) {
    if (part.type === PART.TEXT) return h("div", { class: "markup form-text" }, this.text.blocks(part.content));
    if (part.type === PART.LABEL) return this.#labelled(part.component, part.label, part.description, fields);
    if (part.type === PART.ROW) return part.components.map((one) => this.#labelled(one, one.label ?? one.placeholder ?? "", "", fields));
    return null;
  }

  #labelled(part, label, description, fields) {
    const about = description ? uid("about") : null;
    const field = makeField(part, { label, about, view: this.store.view });
    const error = h("p", { class: "field-error", id: uid("error") });
    const isField = field.control?.id;
    const name = isField ? h("label", { for: field.control.id }, label) : h("span", {}, label);
    const star = required(part) && part.type !== PART.CHECKBOX ? h("span", { class: "star", "aria-hidden": "true" }, " *") : null;
    fields.push({ field, error, id: part.custom_id });
    field.element.addEventListener("input", () => mark(field, error, null));
    return h(
      "div",
      { class: "form-field" },
      h("div", { class: "form-label" }, name, star),
      description && h("p", { class: "form-about", id: about }, description),
      field.element,
      error,
    );
  }

  async #submit() {
    const form = this.open;
    if (form.sent !== null) return;
    let first = null;
    for (const { field, error } of form.fields) {
      const wrong = field.check();
      mark(field, error, wrong);
      if (wrong) first ??= field;
    }
    if (first) {
      first.control.focus();
      return;
    }
    form.problem.textContent = "";
    form.sent = "";
    this.#wait(form, true);
    try {
      const values = {};
      for (const { field, id } of form.fields) values[id] = await field.value();
      const { interaction } = await this.ask("submit", { interaction: form.id, values });
      form.sent = interaction;
      const told = this.store.states.get(interaction);
      if (told && this.open === form) this.#answered(told);
    } catch (error) {
      form.sent = null;
      this.#wait(form, false);
      form.problem.textContent = error.message;
    }
  }

  #answered({ state, error }) {
    if (state === "answered") this.#close();
    if (state !== "failed") return;
    this.open.sent = null;
    this.#wait(this.open, false);
    this.open.problem.textContent = error || "Something went wrong; try again.";
  }

  #wait({ send, dialog }, waiting) {
    send.classList.toggle("waiting", waiting);
    send.setAttribute("aria-busy", String(waiting));
    dialog.classList.toggle("busy", waiting);
  }

  #cancel() {
    const { id } = this.open;
    this.store.view.modals = this.store.view.modals.filter((modal) => modal.interaction !== id);
    this.#close();
    this.ask("close", { interaction: id }).catch(() => {
      // whoever is not connected has no form on the server's side either
    });
  }

  #close() {
    if (this.open === null) return;
    const { dialog } = this.open;
    this.open = null;
    closeDialog(dialog);
  }
}

function mark(field, error, wrong) {
  error.textContent = wrong ?? "";
  const { control } = field;
  const about = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== error.id);
  if (wrong) {
    control.setAttribute("aria-invalid", "true");
    about.unshift(error.id);
  } else control.removeAttribute("aria-invalid");
  if (about.length) control.setAttribute("aria-describedby", about.join(" "));
  else control.removeAttribute("aria-describedby");
}
