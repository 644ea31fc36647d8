// Files on their way to the server.

import { bytes } from "./size.js";

/** Why a file cannot be sent, or null. */
export function tooLarge(file, limit) {
  return file.size > limit ? `${file.name} has ${bytes(file.size)}; a file may have ${bytes(limit)} here.` : null;
}

/** Upload one file; the id that stands for it, once. Throws an Error with a sentence. */
export async function upload(file) {
  let response;
  try {
    response = await fetch(`/page/files?name=${encodeURIComponent(file.name || "file")}`, { method: "POST", body: file });
  } catch {
    throw new Error(`${file.name} could not be uploaded; try again.`);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok || !answer.upload) throw new Error(answer.error ?? `${file.name} could not be uploaded; try again.`);
  return answer.upload;
}

/** Upload several, one after the other. */
export async function uploadAll(files) {
  const ids = [];
  for (const file of files) ids.push(await upload(file));
  return ids;
}

/** Ask the browser for files. */
export function choose({ multiple = false } = {}) {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = multiple;
    input.addEventListener("change", () => resolve([...input.files]));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}

/** Files of a paste or drop. */
export const filesOf = (transfer) => [...(transfer?.files ?? [])];

/** A picture of a file that was chosen, or null; the browser lets go of it once it is drawn. */
export function thumbnail(file) {
  if (!/^image\/(?!svg)/.test(file.type)) return null;
  const image = document.createElement("img");
  image.alt = "";
  image.src = URL.createObjectURL(file);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  return image;
}

/** Whether files are dragged, not text. */
export const dragsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
