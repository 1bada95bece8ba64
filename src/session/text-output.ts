/** Make's own two outputs, written at once; what cannot be written is told at the end. */

import type { Stream } from "../events/event.js";
import { HostError } from "../makefile/host.js";
import type { TextSink } from "../observe/console.js";
import { writeAll } from "../os/output.js";

/** Nobody reads the output any more: make ends as by SIGPIPE. */
export class BrokenOutput extends Error {}

export class TextOutput implements TextSink {
  readonly #fds: Readonly<Record<Stream, number>>;
  readonly #endsByPipe: boolean;
  #failed = false;
  #reason = "";

  /** @param endsByPipe - without a reader make ends at once, as by SIGPIPE; otherwise the text is lost as on a full disk */
  constructor(stdout: number, stderr: number, endsByPipe: boolean) {
    this.#fds = { stdout, stderr };
    this.#endsByPipe = endsByPipe;
  }

  /** What is told in the end when text for stdout was lost, as on a full disk. */
  get complaint(): string | undefined {
    return this.#failed ? `write error: stdout${this.#reason}` : undefined;
  }

  /** The only text of a run: should it be lost, the reason is told too. */
  writeOnly(text: string): void {
    const reason = this.write("stdout", text);
    if (reason !== undefined) this.#reason = `: ${reason}`;
  }

  /** @returns why some of it was lost, in the system's words */
  write(stream: Stream, text: string | Uint8Array): string | undefined {
    try {
      writeAll(this.#fds[stream], text);
      return undefined;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.errno === "EPIPE" && this.#endsByPipe) throw new BrokenOutput(error.message, { cause: error });
      // A descriptor that is closed takes nothing, and that is as wanted.
      if (error.errno === "EBADF" || stream !== "stdout") return undefined;
      this.#failed = true;
      return error.message;
    }
  }
}
