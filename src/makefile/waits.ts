/** How a statement, or a recipe's expansion, waits for a command without keeping its whole process waiting: it is broken off, and carried out again with the answer. */

import type { Host, ShellRequest, ShellResult } from "./host.js";

/** What a reading waits for. Whoever drives the reading puts the answer in, and resumes it. */
export type Wait = ShellWait | FileWait;

export interface ShellWait {
  readonly kind: "shell";
  readonly request: ShellRequest;
  result: ShellResult | undefined;
}

/** A file that may have to be waited for, such as a FIFO. */
export interface FileWait {
  readonly kind: "file";
  /** Relative to the invocation's directory. */
  readonly path: string;
  /** What `Host.readFile` gives, or throws. */
  read: (() => string | undefined) | undefined;
}

/** Whether somebody has put the answer in. */
export function isAnswered(wait: Wait): boolean {
  return (wait.kind === "shell" ? wait.result : wait.read) !== undefined;
}

/** Something that is done in steps, with waits in between. */
export type Waiting<T> = Generator<Wait, T, void>;

/** Does it in one go: whatever has to be waited for keeps the process waiting. For steps that were told so. */
export function inOneGo<T>(steps: Waiting<T>): T {
  const step = steps.next();
  if (step.done !== true) throw new Error("internal error: what was to be done in one go waits");
  return step.value;
}

/** A statement that asks for more than this is not begun anew for each: that would take a time that grows with the square of it. */
const MAX_RESULTS = 50;

/** Breaks a statement off; what it waits for comes to those that carry it out. */
class BrokenOff extends Error {
  readonly wait: ShellWait;

  constructor(wait: ShellWait) {
    super("internal error: a statement was broken off where nobody carries it out again");
    this.wait = wait;
  }
}

/**
 * A statement on its way. It may be broken off for as long as carrying it out anew does nothing twice and sees nothing else: what it
 * has looked at, printed and written is known then, and not done again.
 *
 *     ┌────────── a command: broken off, begun again ─────────┐
 *     ▼                                                       │
 *   free ── it sets a variable, evaluates a text … ──→ bound: a command keeps the process waiting
 *     └──────────────────────── ends ─────────────────────────┴──→ idle
 */
export class Waits {
  #state: "idle" | "free" | "bound" = "idle";
  /** What came of all that this statement has asked of others, in its order. */
  readonly #results: unknown[] = [];
  #next = 0;
  readonly #keep: () => () => void;

  /** @param keep - notes what commands change; what it gives brings that back */
  constructor(keep: () => () => void) {
    this.#keep = keep;
  }

  /** Carries out `statement`, anew whenever what it waited for is there. */
  *carryOut<T>(statement: () => T): Waiting<T> {
    this.#results.length = 0;
    let bringBack: (() => void) | undefined;
    for (;;) {
      let wait: ShellWait;
      this.#state = "free";
      this.#next = 0;
      try {
        return statement();
      } catch (error) {
        if (!(error instanceof BrokenOff)) throw error;
        wait = error.wait;
      } finally {
        this.#state = "idle"; // what others expand meanwhile is no part of it
      }
      bringBack ??= this.#keep();
      yield wait;
      if (wait.result === undefined) throw new Error("internal error: resumed without an answer");
      bringBack();
      this.#results.push(wait.result);
    }
  }

  /** From now on carrying this statement out anew would not be the same. */
  bind(): void {
    if (this.#state === "free" && !this.#isKnown) this.#state = "bound";
  }

  /** Does something once, however often this statement is carried out. What it does is not waited for outside. */
  once<T>(act: () => T): T {
    if (this.#state !== "free") return act();
    if (this.#isKnown) return this.#results[this.#next++] as T;
    this.#state = "bound";
    try {
      const result = act();
      this.#next = this.#results.push(result);
      return result;
    } finally {
      this.#state = "free";
    }
  }

  /** What a command gives: at once, or when the statement is carried out anew. */
  shell(request: ShellRequest, host: Pick<Host, "shell">): ShellResult {
    if (this.#state !== "free" || this.#next >= MAX_RESULTS) return host.shell(request);
    if (this.#isKnown) return this.#results[this.#next++] as ShellResult;
    throw new BrokenOff({ kind: "shell", request, result: undefined });
  }

  /** Whether what comes next came before. */
  get #isKnown(): boolean {
    return this.#next < this.#results.length;
  }
}

/** The same host, to which a statement comes once with each wish. */
export function patientHost(host: Host, waits: Waits): Host {
  return {
    directory: host.directory,
    readFile: (path) => waits.once(() => host.readFile(path)),
    writeFile: (...given) => waits.once(() => host.writeFile(...given)),
    glob: (pattern) => waits.once(() => host.glob(pattern)),
    realpath: (path) => waits.once(() => host.realpath(path)),
    exists: (path) => waits.once(() => host.exists(path)),
    homeDirectory: (user) => host.homeDirectory(user),
    shell: (request) => waits.shell(request, host),
    print: (...given) => waits.once(() => host.print(...given)),
  };
}
