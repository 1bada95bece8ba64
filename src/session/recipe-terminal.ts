/** The terminal that recipes on nodes write to where ours is one: they see one like it, and colour their output as they do here. */

import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import { Broadcast } from "../base/broadcast.js";
import type { JobTerminal } from "../exec/remote.js";
import { onResizeOf, terminalAt } from "../os/own-terminal.js";
import type { TerminalSize } from "../os/pseudo-terminal.js";

export interface RecipeTerminal extends JobTerminal {
  close(): void;
}

/**
 * @param stdout - our own
 * @param stderr - our own; on another terminal than standard output it is a pipe to recipes
 * @returns undefined: neither is a terminal
 */
export function recipeTerminal(stdout: number, stderr: number): RecipeTerminal | undefined {
  const [out, err] = [isatty(stdout), isatty(stderr)];
  if (!out && !err) return undefined;
  const fd = out ? stdout : stderr;
  const isBoth = out && err && fstatSync(stdout).ino === fstatSync(stderr).ino;
  const numbers = isBoth ? [1, 2] : [out ? 1 : 2];
  const sizes = new Broadcast<TerminalSize>();
  const close = onResizeOf(fd, (size) => sizes.send(size));
  return {
    close,
    outputs: numbers.map((number) => ({ fd: number, kind: "terminal" })),
    get terminal() {
      return terminalAt(fd);
    },
    onResize: sizes.subscribe,
  };
}
