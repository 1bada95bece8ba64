/** Who has the standard input: GNU make gives it to one running command at a time; the others find theirs closed. */

import { closeSync } from "node:fs";
import { openPipe } from "./pipes.js";

/** A descriptor to read from, for as long as one command runs. */
export interface StdinLease {
  readonly fd: number;
  /** It is the real one. */
  readonly real: boolean;
  release(): void;
}

/** @see StdinShare */
export interface StdinSource {
  lease(): StdinLease;
}

/** Shares one standard input among commands that run at the same time. */
export class StdinShare implements StdinSource {
  readonly #fd: number;
  readonly #temporaryDirectory: string;
  #taken = false;
  #empty: number | undefined;

  constructor(fd: number, temporaryDirectory: string) {
    this.#fd = fd;
    this.#temporaryDirectory = temporaryDirectory;
  }

  lease(): StdinLease {
    if (this.#taken) return { fd: this.#emptyPipe(), real: false, release: () => undefined };
    this.#taken = true;
    return { fd: this.#fd, real: true, release: () => (this.#taken = false) };
  }

  /** A pipe at its end: every read finds nothing. */
  #emptyPipe(): number {
    return (this.#empty ??= brokenPipe(this.#temporaryDirectory));
  }

  close(): void {
    if (this.#empty !== undefined) closeSync(this.#empty);
    this.#empty = undefined;
  }
}

/** Gives everyone the same descriptor, as /dev/null's. */
export function sameStdin(fd: number): StdinSource {
  const lease = { fd, real: false, release: () => undefined };
  return { lease: () => lease };
}

/** The reading end of a pipe whose writing end is closed. */
function brokenPipe(temporaryDirectory: string): number {
  const { read, write } = openPipe(temporaryDirectory);
  closeSync(write);
  return read;
}
