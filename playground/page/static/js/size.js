// Numbers of bytes and pixels as people read them.

const UNITS = ["bytes", "KB", "MB", "GB"];

/** `1.5 MB`. */
export function bytes(count) {
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1).replace(/\.0$/, "")} ${UNITS[unit]}`;
}

/** The largest size of a picture's proportions within bounds, in pixels. Never larger than it is. */
export function within(width, height, most) {
  const scale = Math.min(1, most.width / width, most.height / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
