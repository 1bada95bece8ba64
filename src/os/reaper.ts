/** Waiting for the processes that posix_spawn started, beside libuv, which waits only for its own. */

import type { ExitStatus } from "../base/exit-status.js";
import { INT_BYTES, type Native } from "./native.js";
import { errnoOf } from "./strerror.js";

const WNOHANG = 1;
/** A second look, in case that a SIGCHLD was lost; it also keeps the event loop alive while something runs. */
const SECOND_LOOK_MS = 250;

let reaper: Reaper | undefined;

/** This process's one and only. */
export function theReaper(calls: Native): Reaper {
  return (reaper ??= new Reaper(calls));
}

class Reaper {
  readonly #calls: Native;
  readonly #waiting = new Map<number, (status: ExitStatus) => void>();
  readonly #status = Buffer.alloc(INT_BYTES);
  #isListening = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(calls: Native) {
    this.#calls = calls;
  }

  /** Resolves once, with how our child `pid` ended. */
  wait(pid: number): Promise<ExitStatus> {
    this.#listen();
    return new Promise((resolve) => this.#waiting.set(pid, resolve));
  }

  /** Sends a signal to a child that has not been waited for yet, or to the group that it leads. */
  kill(pid: number, signal: number, group: boolean): void {
    if (!this.#waiting.has(pid)) return;
    try {
      process.kill(group ? -pid : pid, signal);
    } catch (error) {
      if (errnoOf(error) !== "ESRCH") throw error;
    }
  }

  #listen(): void {
    if (!this.#isListening) process.on("SIGCHLD", this.#sweep);
    this.#isListening = true;
    this.#timer ??= setInterval(this.#sweep, SECOND_LOOK_MS);
  }

  readonly #sweep = (): void => {
    for (const [pid, resolve] of this.#waiting) {
      if (this.#calls.waitpid(pid, this.#status, WNOHANG) !== pid) continue;
      this.#waiting.delete(pid);
      resolve(statusOfWait(this.#status.readInt32LE(0)));
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  };
}

/** A raw wait status as Linux encodes it. */
export function statusOfWait(raw: number): ExitStatus {
  const signal = raw & 0x7f;
  if (signal === 0) return { kind: "exited", code: (raw >> 8) & 0xff };
  return { kind: "signalled", signal, core: (raw & 0x80) !== 0 };
}
