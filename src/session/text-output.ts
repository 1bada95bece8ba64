/** Make's own two outputs, written at once; what cannot be written is told at the end. */

import type { Stream } from "../events/event.js";
import { HostError } from "../makefile/host.js";
import type { TextSink } from "../observe/console.js";
import { writeAll } from "../os/output.js";

/** Nobody reads the output any more: make ends as by SIGPIPE. */
export class BrokenOutput extends Error {}

export class TextOutput implements TextSink {
  readonly #fds: Readonly<Record<Stream, number>>;
  #failed = false;

  constructor(stdout: number, stderr: number) {
    this.#fds = { stdout, stderr };
  }

  /** Some text for stdout was lost, as on a full disk. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  write(stream: Stream, text: string | Uint8Array): void {
    try {
      writeAll(this.#fds[stream], text);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.errno === "EPIPE") throw new BrokenOutput(error.message, { cause: error });
      // A descriptor that is closed takes nothing, and that is as wanted.
      if (error.errno !== "EBADF" && stream === "stdout") this.#failed = true;
    }
  }
}
