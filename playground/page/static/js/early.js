// Runs before the first paint: a chosen theme must not flash in after the system's.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  } catch {
    // storage is closed to the page: the system's theme holds
  }
})();
