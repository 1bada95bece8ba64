/** How a statement, or a recipe's expansion, waits for a command without keeping its whole process waiting: it is broken off, and gone on with when the answer is there. */

import type { Host, ShellRequest, ShellResult } from "./host.js";
import { Trail } from "./trail.js";

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

/** Something that is done in steps, with waits in between. One that is resumed without an answer gives the same wait again. */
export type Waiting<T> = Generator<Wait, T, void>;

/** Does it in one go: whatever has to be waited for keeps the process waiting. For steps that were told so. */
export function inOneGo<T>(steps: Waiting<T>): T {
  const step = steps.next();
  if (step.done !== true) throw new Error("internal error: what was to be done in one go waits");
  return step.value;
}

/** The same for steps that were not told: the process waits for them. */
function keepingWaiting<T>(steps: Waiting<T>, host: Host): T {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    const wait = step.value;
    if (wait.kind === "shell") wait.result = host.shell(wait.request);
    else wait.read = () => host.readFile(wait.path);
  }
}

/** Carries something out that expands; where there are no waits, with the whole process. */
export function* inSteps<T>(waits: Waits | undefined, act: () => T): Waiting<T> {
  return waits === undefined ? act() : yield* waits.carryOut(act);
}

/** Breaks a statement off; what it waits for comes to those that carry it out. */
class BrokenOff extends Error {
  readonly wait: Wait;

  constructor(wait: Wait) {
    super("internal error: a statement was broken off where nobody carries it out again");
    this.wait = wait;
  }
}

/**
 * The statements of one language that are on their way. Expansion is a matter of calls in calls, which cannot stop half-way: so a
 * statement that has to wait is thrown out of all of them, and carried out again from its beginning when the answer is there. What it had
 * come to by then it leaves behind as a trail, and finds there: no step that was done is done again, nor sees what others did meanwhile.
 */
export class Waits {
  /** Where the statement being carried out leaves what its steps come to; undefined: what is expanded now keeps the process waiting. */
  trail: Trail | undefined = undefined;
  readonly #host: Host;
  /** Trails that nobody uses. */
  readonly #spare: Trail[] = [];

  /** @param host - runs commands, and reads files, that keep the process waiting */
  constructor(host: Host) {
    this.#host = host;
  }

  /** Carries out `statement`, anew whenever what it waited for is there. */
  *carryOut<T>(statement: () => T): Waiting<T> {
    const trail = this.#spare.pop() ?? new Trail();
    trail.clear();
    for (;;) {
      const outer = this.trail;
      this.trail = trail;
      let wait: Wait;
      try {
        const result = statement();
        this.#spare.push(trail);
        return result;
      } catch (error) {
        if (!(error instanceof BrokenOff)) throw error;
        wait = error.wait;
      } finally {
        this.trail = outer; // what others expand meanwhile is no part of it
      }
      do yield wait;
      while (!isAnswered(wait));
      trail.rewind();
    }
  }

  /** Does something once, however often its statement is carried out. It may be broken off itself. */
  step<T>(act: () => T): T {
    const { trail } = this;
    if (trail === undefined) return act();
    return trail.enter() ? (trail.known as T) : trail.leave(act());
  }

  /** Goes on with what is kept outside of the statement: that waits for whatever this waits for. */
  goOn<T>(steps: Waiting<T>): T {
    const { trail } = this;
    if (trail === undefined) return keepingWaiting(steps, this.#host);
    this.trail = undefined; // what it does is no step of ours
    try {
      const step = steps.next();
      if (step.done === true) return step.value;
      throw new BrokenOff(step.value);
    } finally {
      this.trail = trail;
    }
  }

  /** What a command gives: at once, or when the statement is carried out anew. */
  shell(request: ShellRequest): ShellResult {
    if (this.trail === undefined) return this.#host.shell(request);
    const wait = this.step((): ShellWait => ({ kind: "shell", request, result: undefined }));
    if (wait.result === undefined) throw new BrokenOff(wait);
    return wait.result;
  }

  /** A file's text: at once, or when the statement is carried out anew. @throws HostError */
  readFile(path: string): string | undefined {
    if (this.trail === undefined) return this.#host.readFile(path);
    const wait = this.step((): FileWait => ({ kind: "file", path, read: undefined }));
    const { read } = wait;
    if (read === undefined) throw new BrokenOff(wait);
    return this.step(read);
  }
}

/** The same host, to which a statement comes once with each wish. */
export function patientHost(host: Host, waits: Waits): Host {
  return {
    directory: host.directory,
    readFile: (path) => waits.readFile(path),
    writeFile: (...given) => waits.step(() => host.writeFile(...given)),
    glob: (pattern) => waits.step(() => host.glob(pattern)),
    realpath: (path) => waits.step(() => host.realpath(path)),
    exists: (path) => waits.step(() => host.exists(path)),
    homeDirectory: (user) => host.homeDirectory(user),
    shell: (request) => waits.shell(request),
    print: (...given) => waits.step(() => host.print(...given)),
  };
}
