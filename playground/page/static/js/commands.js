// Application commands as they are offered.

import { COMMAND, OPTION } from "./wire.js";

/** A text of a command, an option or a choice in somebody's language. */
export const localised = (thing, key, locale) => thing[`${key}_localizations`]?.[locale] ?? thing[key];

/**
 * Everything that can be typed after "/": subcommands stand for themselves. `path` is what is sent, `shown` what is
 * read in that language.
 */
export function slashCommands(commands, locale) {
  return commands
    .filter((command) => command.type === COMMAND.SLASH)
    .flatMap((command) => leaves(command, locale, [command.name], [localised(command, "name", locale)]))
    .toSorted((one, other) => one.shown.localeCompare(other.shown));
}

function leaves(command, locale, path, shown) {
  const inner = (command.options ?? []).filter((option) => option.type === OPTION.SUBCOMMAND || option.type === OPTION.GROUP);
  if (inner.length === 0) {
    const about = localised(command, "description", locale);
    return [{ path: path.join(" "), shown: shown.join(" "), about, options: command.options ?? [] }];
  }
  return inner.flatMap((one) => leaves(one, locale, [...path, one.name], [...shown, localised(one, "name", locale)]));
}

/** Those that fit what was typed: beginnings first, then whatever contains it. */
export function matching(commands, typed) {
  const wanted = typed.toLowerCase();
  const rank = ({ path, shown, about }) => {
    if (path.startsWith(wanted) || shown.toLowerCase().startsWith(wanted)) return 0;
    if (path.includes(wanted) || shown.toLowerCase().includes(wanted)) return 1;
    return wanted.length > 2 && about.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return commands
    .map((command) => ({ command, rank: rank(command) }))
    .filter((one) => one.rank < 3)
    .toSorted((one, other) => one.rank - other.rank)
    .map((one) => one.command);
}
