/** The text of test vectors: `NAME: value` lines, then the bytes. See test/vectors/README.md. */

import { readdirSync, readFileSync } from "node:fs";

export interface VectorText {
  /** What comes of the bytes, as JSON; nothing when it says so. */
  readonly expected: readonly string[];
  readonly bytes: Uint8Array;
  /** The values of all lines of a name. */
  valuesOf(name: string): readonly string[];
}

/** The vectors of a folder of test/vectors, by their files' names. */
export function readVectors(folder: string): readonly (readonly [file: string, text: string])[] {
  const path = new URL(`../vectors/${folder}`, import.meta.url);
  const files = readdirSync(path).filter((file) => file.endsWith(".txt"));
  return files.map((file) => [file, readFileSync(new URL(file, path), "latin1")]);
}

export function parseVectorText(text: string): VectorText {
  const [, head = "", form = "", body = ""] = /^(.*?)^(bytes|text):\n(.*)$/ms.exec(text) ?? [];
  const fields = head.split("\n").filter((line) => line !== "");
  const valuesOf = (name: string): readonly string[] =>
    fields.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  return {
    expected: valuesOf("expect").filter((value) => value !== "nothing"),
    bytes: form === "text" ? Buffer.from(body, "latin1") : parseBytes(body),
    valuesOf,
  };
}

/** Hexadecimal with blanks, `# comments`, and `XX*N` for a byte repeated. */
export function parseBytes(text: string): Uint8Array {
  const words = text
    .replace(/#.*$/gm, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  return Buffer.concat(
    words.map((word) => {
      const [hex = "", count = "1"] = word.split("*");
      return Buffer.from(hex.repeat(Number(count)), "hex");
    }),
  );
}

/** What came of bytes as one line: JSON in ASCII, with whole numbers of 64 bits as `"5n"` and bytes in hexadecimal, long ones by their length. */
export function told(result: object): string {
  const json = JSON.stringify(result, (_, value: unknown) => {
    if (typeof value === "bigint") return `${String(value)}n`;
    if (!(value instanceof Uint8Array)) return value;
    return value.length > 64 ? `${String(value.length)} bytes` : Buffer.from(value).toString("hex");
  });
  return json.replace(/[\x7f-\xff]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}
