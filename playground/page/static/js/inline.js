// The inner part of Discord's markdown: what stands within a line.

const DEEPEST = 10;
const ESCAPABLE = /^\\([!-/:-@[-`{-~])/;
const CODE = /^(`{1,2})([^`][\s\S]*?|[^`])\1(?!`)/;
const STYLES = [
  ["||", "spoiler"],
  ["***", "strongem"],
  ["**", "strong"],
  ["__", "underline"],
  ["~~", "strike"],
  ["*", "em"],
  ["_", "em"],
];
const TAGS = [
  [/^<@!?(\d{1,20})>/, (m) => ({ kind: "user", id: m[1] })],
  [/^<@&(\d{1,20})>/, (m) => ({ kind: "role", id: m[1] })],
  [/^<#(\d{1,20})>/, (m) => ({ kind: "channel", id: m[1] })],
  [/^<\/([^:<>\n]{1,100}):(\d{1,20})>/, (m) => ({ kind: "command", name: m[1] })],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => ({ kind: "time", unix: Number(m[1]), style: m[2] ?? "f" })],
  [/^<a?(:\w{2,32}:)\d{1,20}>/, (m) => ({ kind: "text", text: m[1] })],
  [/^<(https?:\/\/[^\s<>]+)>/, (m) => link(m[1], null)],
];
const MASKED = /^\[((?:\\.|[^\]\\\n])+)\]\(<?(https?:\/\/[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+"([^"\n]*)")?\)/;
const BARE = /^https?:\/\/[^\s<>]+/;
const SPECIAL = /[\\`*_~|<[h@]/g;

function link(url, children) {
  return { kind: "link", url, children: children ?? [{ kind: "text", text: url }] };
}

/** The inline tree of a text. */
export function parseInline(text, depth = 0) {
  const nodes = [];
  let plain = "";
  const push = (node) => {
    if (plain) nodes.push({ kind: "text", text: plain });
    plain = "";
    nodes.push(node);
  };
  let at = 0;
  while (at < text.length) {
    SPECIAL.lastIndex = at;
    const next = SPECIAL.exec(text);
    if (next === null || depth >= DEEPEST) {
      plain += text.slice(at);
      break;
    }
    plain += text.slice(at, next.index);
    at = next.index;
    const found = special(text, at, depth);
    if (found === null) {
      plain += text[at];
      at += 1;
    } else {
      if (found.node.kind === "text") plain += found.node.text;
      else push(found.node);
      at += found.length;
    }
  }
  if (plain) nodes.push({ kind: "text", text: plain });
  return nodes;
}

function special(text, at, depth) {
  const rest = text.slice(at);
  switch (text[at]) {
    case "\\": {
      const escaped = ESCAPABLE.exec(rest);
      return escaped && { node: { kind: "text", text: escaped[1] }, length: 2 };
    }
    case "`": {
      const code = CODE.exec(rest);
      if (code) return { node: { kind: "code", text: code[2] }, length: code[0].length };
      const ticks = /^`+/.exec(rest)[0];
      return { node: { kind: "text", text: ticks }, length: ticks.length };
    }
    case "<":
      return tag(rest);
    case "[": {
      const masked = MASKED.exec(rest);
      return masked && { node: link(masked[2], parseInline(masked[1], depth + 1)), length: masked[0].length };
    }
    case "h": {
      const bare = /\w/.test(text[at - 1] ?? "") ? null : BARE.exec(rest);
      const url = bare && trimmed(bare[0]);
      return url && { node: link(url, null), length: url.length };
    }
    case "@": {
      const all = /^@(everyone|here)\b/.exec(rest);
      return all && { node: { kind: "everyone", text: all[0] }, length: all[0].length };
    }
    default:
      return styled(text, at, depth);
  }
}

function tag(rest) {
  for (const [pattern, make] of TAGS) {
    const match = pattern.exec(rest);
    if (match) return { node: make(match), length: match[0].length };
  }
  return null;
}

/** An address without the punctuation of the sentence that it ends. */
function trimmed(url) {
  let end = url.replace(/[.,:;!?'"*_~|]+$/, "");
  while (end.endsWith(")") && end.split("(").length < end.split(")").length) end = end.slice(0, -1);
  return end.length > "https://".length ? end : null;
}

function styled(text, at, depth) {
  for (const [mark, kind] of STYLES) {
    if (!text.startsWith(mark, at)) continue;
    const end = closing(text, at + mark.length, mark);
    if (end === null) continue;
    const inner = text.slice(at + mark.length, end);
    if (mark === "*" && /^\s/.test(inner)) continue;
    if (mark === "_" && /\w/.test(text[end + 1] ?? "")) continue;
    const children = parseInline(inner, depth + 1);
    const node = kind === "strongem" ? { kind: "strong", children: [{ kind: "em", children }] } : { kind, children };
    return { node, length: end + mark.length - at };
  }
  return null;
}

/** Where a mark is closed: not at once, not behind a backslash, not inside code. */
function closing(text, from, mark) {
  const single = mark.length === 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") {
      at += 1;
    } else if (text[at] === "`") {
      const code = CODE.exec(text.slice(at));
      if (code) at += code[0].length - 1;
    } else if (text.startsWith(mark, at) && at > from) {
      const doubled = single && (text[at + 1] === mark || text[at - 1] === mark);
      if (!doubled) {
        while (!single && text[at + mark.length] === mark[0]) at += 1;
        return at;
      }
      if (text[at + 1] === mark) at += 1;
    }
  }
  return null;
}
