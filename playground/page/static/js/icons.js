// The page's own icons, 24 by 24, drawn with a stroke unless they say "fill".

const PATHS = {
  hash: ["M9.500 4 7.500 20", "M16.500 4l-2 16", "M4.500 9h16", "M3.500 15h16"],
  thread: ["M5 4v9a3 3 0 0 0 3 3h11", "m15.500 12 4 4-4 4"],
  at: ["M16 8v5a2.500 2.500 0 0 0 5 0v-1a9 9 0 1 0-3.600 7.200", "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z"],
  group: ["M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z", "M2.500 20c.5-4 3-6 6.500-6s6 2 6.500 6", "M16 4.500a3.500 3.500 0 0 1 0 6.500", "M18 14.500c2 .8 3.200 2.600 3.500 5.500"],
  plus: ["M12 5v14", "M5 12h14"],
  close: ["m6 6 12 12", "M18 6 6 18"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  more: ["M5.500 12h.01", "M12 12h.01", "M18.500 12h.01"],
  reply: ["m10 6-6 6 6 6", "M4.500 12H14a6 6 0 0 1 6 6v1"],
  copy: ["M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1z", "M4 15V4a1 1 0 0 1 1-1h11"],
  trash: ["M4 7h16", "M9 7V4h6v3", "m6 7 1 14h10l1-14", "M10 11v6", "M14 11v6"],
  app: ["M5 5h6v6H5z", "M13 13h6v6h-6z", "M16 4v7", "M12.500 7.500h7", "M5 16h6", "M8 13v6"],
  send: ["m4 12 16-8-5 16-3.500-6.500z", "M20 4 11.500 13.500"],
  file: ["M6 3h8l4 4v14H6z", "M14 3v4h4"],
  download: ["M12 4v11", "m7 11 5 5 5-5", "M5 20h14"],
  open: ["M14 4h6v6", "m20 4-9 9", "M18 14v6H4V6h6"],
  chevron: ["m6 9 6 6 6-6"],
  down: ["M12 5v14", "m6 13 6 6 6-6"],
  left: ["m15 5-7 7 7 7"],
  right: ["m9 5 7 7-7 7"],
  check: ["m5 13 4.500 4.500L19 7"],
  eye: ["M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z", "M12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2.500v2", "M12 19.500v2", "M2.500 12h2", "M19.500 12h2", "m5.300 5.300 1.400 1.400", "m17.300 17.300 1.400 1.400", "m5.300 18.700 1.400-1.400", "m17.300 6.700 1.400-1.400"],
  moon: ["M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z"],
  faults: ["M13 3 5 14h6l-1 7 8-11h-6z"],
  shield: ["M12 3 5 6v5c0 4.500 2.800 8 7 10 4.200-2 7-5.500 7-10V6z", "m9 12 2.200 2.200L15 10.500"],
  warning: ["M12 4 2.500 20h19z", "M12 10v5", "M12 17.500h.01"],
  members: ["M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z", "M2.500 19c.4-3.500 2.500-5.500 5.500-5.500s5.100 2 5.500 5.500", "M15 6h6", "M15 10h6", "M17 14h4"],
  upload: ["M12 16V5", "m7 9 5-5 5 5", "M5 20h14"],
  music: ["M9 18V6l10-2v12", "M9 18a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z", "M19 16a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z"],
  zoom: ["M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13z", "m15.500 15.500 5 5", "M10.500 7.500v6", "M7.500 10.500h6"],
};

const SVG = "http://www.w3.org/2000/svg";

/** An icon; it says nothing to a screen reader, so what holds it needs a name. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  for (const line of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    drawing.append(path);
  }
  return drawing;
}
