/** Byte strings at the system's border: names and texts as `node:` takes them, one char per byte on our side. */

const BEYOND_ASCII = /[\x80-\xff]/;

/** A byte string as a path for `node:fs`: itself when it is plain ASCII, else its bytes. */
export function toPath(text: string): string | Buffer {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, "latin1") : text;
}

/** `path` as seen from `directory`, which is absolute. */
export function resolveIn(directory: string, path: string): string {
  if (path.startsWith("/")) return path;
  return directory.endsWith("/") ? directory + path : `${directory}/${path}`;
}

/** A byte string of UTF-8 as the text that `node:child_process` turns back into the same bytes; undefined: it has no such text. */
export function toUnicode(text: string): string | undefined {
  if (!BEYOND_ASCII.test(text)) return text;
  const bytes = Buffer.from(text, "latin1");
  const unicode = bytes.toString("utf8");
  return Buffer.from(unicode, "utf8").equals(bytes) ? unicode : undefined;
}

/** What `node:` gives as a text (UTF-8 decoded) as a byte string. */
export function fromUnicode(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
