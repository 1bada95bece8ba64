/** A terminal of ours as it is now, and as it changes. */

import type { Terminal } from "../wire/descriptor.js";
import { nativeLibrary } from "./native.js";
import { modesOf, sizeOf, type TerminalSize } from "./pseudo-terminal.js";

/** undefined: it is none, or there is no way to tell. */
export function terminalAt(fd: number): Terminal | undefined {
  const library = nativeLibrary();
  const modes = library && modesOf(library, fd);
  const size = library && sizeOf(library, fd);
  return modes && size && { ...modes, ...size };
}

/** Calls back with each new size. @returns the way to stop it */
export function onResizeOf(fd: number, listener: (size: TerminalSize) => void): () => void {
  const library = nativeLibrary();
  if (library === undefined) return () => undefined;
  const tell = (): void => {
    const size = sizeOf(library, fd);
    if (size !== undefined) listener(size);
  };
  process.on("SIGWINCH", tell);
  return () => process.off("SIGWINCH", tell);
}
