/** Lines between the parts of a worker: byte strings that end in a newline, none longer than both sides agreed on. */

import type { Readable } from "node:stream";

/** Longer lines are a broken promise. */
export const MAX_PART_LINE_CHARS = 65_536;

export interface LineListener {
  line(text: string): void;
  /** No more lines come; `tooLong`: because one was. Called once. */
  ended(tooLong: boolean): void;
}

/** Hands on each line of a stream, without its newline, as it arrives. */
export function listenToLines(stream: Readable, listener: LineListener): void {
  let rest = "";
  let isOver = false;
  const end = (tooLong: boolean): void => {
    if (isOver) return;
    isOver = true;
    listener.ended(tooLong);
  };
  stream.on("data", (bytes: Buffer) => {
    const lines = (rest + bytes.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (!isOver && line.length <= MAX_PART_LINE_CHARS) listener.line(line);
    if (rest.length > MAX_PART_LINE_CHARS || lines.some((line) => line.length > MAX_PART_LINE_CHARS)) end(true);
  });
  stream.on("error", () => end(false));
  stream.on("close", () => end(false));
  stream.on("end", () => end(false));
}
