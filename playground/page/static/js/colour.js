// Colours of people and embeds, kept readable on whatever they stand.

const DARK = [0x1b, 0x1d, 0x27];
const LIGHT = [0xff, 0xff, 0xff];

const parts = (colour) => [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
const css = (rgb) => `rgb(${rgb.map(Math.round).join(" ")})`;

function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours by WCAG, 1 to 21. */
function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function readable(rgb, ground, towards) {
  for (let share = 0; share < 1; share += 0.08) {
    const mixed = rgb.map((value, n) => value + (towards[n] - value) * share);
    if (contrast(mixed, ground) >= 5.6) return mixed;
  }
  return towards;
}

/** Custom properties for a name in somebody's colour, on the dark and on the light ground. */
export function nameColours(colour) {
  const rgb = parts(colour ?? 0x8888a0);
  return {
    "--name-dark": css(readable(rgb, DARK, [255, 255, 255])),
    "--name-light": css(readable(rgb, LIGHT, [0, 0, 0])),
  };
}

/** Custom properties for an avatar: its ground, and letters that can be read on it. */
export function avatarColours(colour) {
  const rgb = parts(colour ?? 0x6a6a85);
  const dark = contrast([20, 20, 28], rgb) > contrast([255, 255, 255], rgb);
  const letters = dark ? [20, 20, 28] : [255, 255, 255];
  return { "--avatar": css(rgb), "--letters": css(letters) };
}

/** An embed's bar. */
export const barColour = (colour) => (Number.isInteger(colour) ? css(parts(colour)) : "var(--line-strong)");
