// Discord's markdown, read into a tree of plain objects: {kind, …, children} or {kind: "text", text}.

import { parseInline } from "./inline.js";

const FENCE = /^```(?:([\w+#.-]{1,20})?\n+)?([\s\S]*?)\n?```/;
const HEADING = /^(#{1,3})[ \t]+(.+)$/;
const SUBTEXT = /^-#[ \t]+(.+)$/;
const QUOTE = /^> ?(.*)$/;
const ITEM = /^( *)([-*]|\d{1,9}\.)[ \t]+(.+)$/;
const DEEPEST = 8;

/** The blocks of a text. */
export function parse(text, depth = 0) {
  const blocks = [];
  let rest = text.replace(/\r\n?/g, "\n");
  let plain = "";
  const flush = () => {
    if (plain.trim()) blocks.push(...lines(plain.replace(/^\n|\n$/g, ""), depth));
    plain = "";
  };
  while (rest) {
    const at = nextFence(rest);
    if (at === null) {
      plain += rest;
      break;
    }
    plain += rest.slice(0, at.index);
    flush();
    blocks.push({ kind: "fence", language: at.match[1] ?? "", text: at.match[2] });
    rest = rest.slice(at.index + at.match[0].length).replace(/^\n/, "");
  }
  flush();
  return blocks;
}

function nextFence(text) {
  for (let index = text.indexOf("```"); index >= 0; index = text.indexOf("```", index + 3)) {
    if (index > 0 && text[index - 1] === "\\") continue;
    const lineStart = text.lastIndexOf("\n", index - 1) + 1;
    if (text.slice(lineStart, index).startsWith("> ")) continue;
    const match = FENCE.exec(text.slice(index));
    if (match === null) return null;
    if (match[2].trim()) return { index, match };
  }
  return null;
}

function lines(text, depth) {
  const blocks = [];
  const rows = text.split("\n");
  let paragraph = [];
  const flush = () => {
    // the empty line after a list or a quote only ends it
    if (paragraph[0] === "" && blocks.length) paragraph.shift();
    if (paragraph.length) blocks.push({ kind: "paragraph", children: parseInline(paragraph.join("\n")) });
    paragraph = [];
  };
  for (let n = 0; n < rows.length; n += 1) {
    const row = rows[n];
    if (row.startsWith(">>> ") && depth < DEEPEST) {
      flush();
      const quoted = [row.slice(4), ...rows.slice(n + 1)].join("\n");
      blocks.push({ kind: "quote", children: parse(quoted, depth + 1) });
      return blocks;
    }
    if (/^> /.test(row) && depth < DEEPEST) {
      flush();
      const quoted = [];
      for (; n < rows.length && /^>( |$)/.test(rows[n]); n += 1) quoted.push(QUOTE.exec(rows[n])[1]);
      n -= 1;
      blocks.push({ kind: "quote", children: parse(quoted.join("\n"), depth + 1) });
      continue;
    }
    const heading = HEADING.exec(row);
    const small = SUBTEXT.exec(row);
    if (heading) {
      flush();
      blocks.push({ kind: "heading", level: heading[1].length, children: parseInline(heading[2]) });
    } else if (small) {
      flush();
      blocks.push({ kind: "subtext", children: parseInline(small[1]) });
    } else if (ITEM.test(row)) {
      flush();
      const items = [];
      for (; n < rows.length && ITEM.test(rows[n]) && !(items.length && begins(rows[n], items[0])); n += 1) {
        items.push(ITEM.exec(rows[n]));
      }
      n -= 1;
      blocks.push(list(items));
    } else {
      paragraph.push(row);
    }
  }
  flush();
  return blocks;
}

/** Whether a line at the first one's depth begins a list of the other kind. */
function begins(row, [, indent, mark]) {
  const [, spaces, other] = ITEM.exec(row);
  return spaces.length <= indent.length && /\d/.test(mark) !== /\d/.test(other);
}

/** Lines that begin with a bullet or number; deeper ones go into the item before them. */
function list(items) {
  const root = fresh(items[0]);
  const open = [root];
  for (const [, spaces, mark, text] of items) {
    while (open.length > 1 && spaces.length < open.at(-1).indent) open.pop();
    const current = open.at(-1);
    if (spaces.length > current.indent + 1 && current.children.length && open.length < DEEPEST) {
      const inner = fresh(["", spaces, mark]);
      current.children.at(-1).children.push(inner);
      open.push(inner);
    }
    open.at(-1).children.push({ kind: "item", children: parseInline(text) });
  }
  return root;
}

function fresh([, spaces, mark]) {
  const number = Number.parseInt(mark, 10);
  const ordered = !Number.isNaN(number);
  return { kind: "list", ordered, start: ordered ? number : 1, indent: spaces.length, children: [] };
}
