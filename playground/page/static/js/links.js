// Addresses in messages. Files of this server are shown; nothing is fetched from anywhere else.

/** The path of a file that this server has, or null for an address elsewhere. */
export function local(url) {
  if (typeof url !== "string" || !url) return null;
  let parsed;
  try {
    parsed = new URL(url, location.href);
  } catch {
    return null;
  }
  const here = parsed.origin === location.origin && parsed.pathname.startsWith("/page/media/");
  return here ? parsed.pathname + parsed.search : null;
}

/** What stays the same when a link to a file is signed anew. */
export const fileKey = (url) => (url ?? "").split("?")[0];

/** Whether a person may follow it. */
export const followed = (url) => /^https?:\/\//.test(url ?? "");
