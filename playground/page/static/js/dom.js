// Elements from values. Text always becomes text nodes: nothing that somebody wrote is ever read as HTML.

/**
 * An element. `props`: `class`, `dataset`, `style` (CSS properties, custom ones too), `on` (event → listener),
 * `props` (DOM properties), anything else is an attribute; null, undefined and false leave one out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = Array.isArray(value) ? value.filter(Boolean).join(" ") : value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "props") Object.assign(element, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...flat(children));
  return element;
}

/** Children without the ones that are left out. */
export function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Give an element new children. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

let counter = 0;

/** An id that no other element has. */
export function uid(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** Whether moving things should be kept still. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Whether the page shows one column only, as the style sheets have it; `change` tells. */
export const narrow = matchMedia("(max-width: 719px)");
