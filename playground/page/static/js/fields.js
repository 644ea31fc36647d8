// Fields of a form: each has element (to show), control (to focus), value(), and check(), which gives what is wrong.

import { optionsOf } from "./components.js";
import { required, wrongCount } from "./counts.js";
import { h, uid } from "./dom.js";
import { Select } from "./select.js";
import { UploadField } from "./uploadfield.js";
import { PART } from "./wire.js";

const LONGEST = 4000;

/** The field of a wire component. `label` names it; `about` is the id of its description, or null. */
export function makeField(part, { label, about, view }) {
  const id = uid("field");
  if (part.type === PART.TEXT_INPUT) return new TextField(part, id, about);
  if (part.type === PART.UPLOAD) return new UploadField(part, { id, label, about, limit: view.limits.file });
  if (part.type === PART.RADIO) return new ChoiceField(part, { id, label, about, many: false });
  if (part.type === PART.CHECKBOXES) return new ChoiceField(part, { id, label, about, many: true });
  if (part.type === PART.CHECKBOX) return new CheckField(part, id, about);
  return new SelectField(part, { id, label, about, view });
}

class TextField {
  constructor(part, id, about) {
    this.part = part;
    this.most = part.max_length ?? LONGEST;
    const long = part.style === 2;
    const counter = uid("counter");
    const props = {
      id,
      class: "text-input",
      maxlength: String(this.most),
      placeholder: part.placeholder,
      autocomplete: "off",
      "aria-required": required(part) ? "true" : null,
      "aria-describedby": [about, counter].filter(Boolean).join(" "),
      props: { value: part.value ?? "" },
    };
    this.control = long ? h("textarea", { ...props, rows: "4" }) : h("input", { ...props, type: "text" });
    this.counter = h("span", { class: "counter", id: counter });
    this.element = h("div", { class: ["text-box", long && "text-box-long"] }, this.control, this.counter);
    this.control.addEventListener("input", () => this.#count());
    this.#count();
  }

  value() {
    return this.control.value;
  }

  check() {
    const { length } = this.control.value;
    if (length === 0) return required(this.part) ? "This is required." : null;
    const least = this.part.min_length ?? 0;
    if (length < least) return `It takes at least ${least} characters.`;
    return length > this.most ? `It takes at most ${this.most} characters.` : null;
  }

  #count() {
    const { length } = this.control.value;
    this.counter.textContent = `${length}/${this.most}`;
    this.counter.classList.toggle("near", length > this.most * 0.95);
  }
}

class SelectField {
  constructor(part, { id, label, about, view }) {
    this.part = part;
    this.select = new Select({
      id,
      label,
      about,
      placeholder: part.placeholder || "Choose",
      options: optionsOf(part, view),
      least: required(part) ? (part.min_values ?? 1) : 0,
      most: part.max_values ?? 1,
      onChoice: () => this.element.dispatchEvent(new Event("input", { bubbles: true })),
    });
    this.control = this.select.element;
    this.element = h("div", {}, this.control);
  }

  value() {
    return this.select.values;
  }

  check() {
    return wrongCount(this.part, this.select.values.length, "options");
  }
}

/** A radio group, or boxes of which several may be ticked. */
class ChoiceField {
  constructor(part, { id, label, about, many }) {
    this.part = part;
    this.many = many;
    this.inputs = part.options.map((option) =>
      h("input", { type: many ? "checkbox" : "radio", name: id, value: option.value, checked: Boolean(option.default) }),
    );
    const rows = part.options.map((option, n) =>
      h(
        "label",
        { class: "choice" },
        this.inputs[n],
        h("span", { class: "choice-text" }, h("span", {}, option.label), option.description && h("span", { class: "choice-about" }, option.description)),
      ),
    );
    const role = many ? "group" : "radiogroup";
    this.element = h("div", { class: "choices", id, role, "aria-label": label, "aria-describedby": about }, rows);
    [this.control] = this.inputs;
  }

  value() {
    const values = this.inputs.filter((input) => input.checked).map((input) => input.value);
    return this.many ? values : (values[0] ?? null);
  }

  check() {
    const count = this.inputs.filter((input) => input.checked).length;
    return this.many ? wrongCount(this.part, count, "options") : count || !required(this.part) ? null : "This is required.";
  }
}

class CheckField {
  constructor(part, id, about) {
    this.control = h("input", { type: "checkbox", id, class: "check", checked: Boolean(part.default), "aria-describedby": about });
    this.element = h("div", { class: "choice" }, this.control);
  }

  value() {
    return this.control.checked;
  }

  check() {
    return null;
  }
}
