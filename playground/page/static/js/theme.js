// Dark or light: the system's choice, unless somebody made another, which is remembered.

export const THEMES = [
  { key: "system", label: "System", sign: null },
  { key: "dark", label: "Dark", sign: "moon" },
  { key: "light", label: "Light", sign: "sun" },
];

export const theme = () => document.documentElement.dataset.theme ?? "system";

export function setTheme(key) {
  if (key === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = key;
  remember(localStorage, "theme", key === "system" ? null : key);
}

/** Keep a value in a storage, which a browser may have closed to the page. */
export function remember(storage, name, value) {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, value);
  } catch {
    // it holds for as long as the page is open
  }
}

/** A value that was kept, or null. */
export function recalled(storage, name) {
  try {
    return storage.getItem(name);
  } catch {
    return null;
  }
}
