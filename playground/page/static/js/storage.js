// What the browser keeps for the page, as far as it lets the page keep anything.

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
