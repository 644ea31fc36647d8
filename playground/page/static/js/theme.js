// Dark or light: the system's choice, unless somebody made another, which is remembered.

import { remember } from "./storage.js";

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
