/** Make's own two outputs; what cannot be written is told at the end. */

import { toBytes } from "../base/latin1.js";
import type { Stream } from "../events/event.js";
import { HostError } from "../makefile/host.js";
import type { TextSink } from "../observe/console.js";
import { writeAll } from "../os/output.js";
import { type Batch, OutputQueue } from "../os/output-queue.js";

/** Nobody reads the output any more: make ends as by SIGPIPE. */
export class BrokenOutput extends Error {}

/** How fast output is taken, for those who write much. */
export interface OutputPace {
  /** See TextOutput. */
  readonly waitForNobody: () => void;
  readonly behind: () => Promise<void> | undefined;
}

export interface TextOutputOptions {
  readonly stdout: number;
  readonly stderr: number;
  /** Without a reader make ends at once, as by SIGPIPE; otherwise the text is lost as on a full disk. */
  readonly endsByPipe: boolean;
  /** See InvocationContext. */
  readonly makeRoom?: (() => void) | undefined;
}

/**
 * Writes at once and waits for a slow reader, as any make does, until `waitForNobody` is called: from then on it goes on with other
 * things meanwhile, and what is written keeps its order.
 */
export class TextOutput implements TextSink {
  readonly #fds: Readonly<Record<Stream, number>>;
  readonly #endsByPipe: boolean;
  readonly #makeRoom: (() => void) | undefined;
  #queue: OutputQueue | undefined;
  #onBroken: () => void = () => undefined;
  #isBroken = false;
  #failed = false;
  #reason = "";

  constructor({ stdout, stderr, endsByPipe, makeRoom }: TextOutputOptions) {
    this.#fds = { stdout, stderr };
    this.#endsByPipe = endsByPipe;
    this.#makeRoom = makeRoom;
  }

  /** What is told in the end when text for stdout was lost, as on a full disk. */
  get complaint(): string | undefined {
    return this.#failed ? `write error: stdout${this.#reason}` : undefined;
  }

  /** Nobody reads any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Connections have to be kept up from now on, whoever reads. @param onBroken - called when nobody does; the last one that was given */
  waitForNobody(onBroken: () => void): void {
    this.#onBroken = onBroken;
    this.#queue ??= new OutputQueue(
      this.#fds,
      (stream, error) => {
        if (!(error instanceof HostError)) throw error;
        if (error.errno !== "EPIPE" || !this.#endsByPipe) return this.#lost(stream, error);
        if (this.#isBroken) return undefined;
        this.#isBroken = true;
        this.giveUp();
        this.#onBroken();
        return undefined;
      },
      this.#makeRoom,
    );
  }

  /** Resolves when all has been written; undefined: it has been, and there is room for more. */
  behind(): Promise<void> | undefined {
    return this.#queue?.isBehind === true ? this.#queue.idle() : undefined;
  }

  /** Writes all there is, waiting for the reader: a program is about to write to the same place. */
  settle(): void {
    this.#queue?.settle();
  }

  /** Nothing more is written. */
  close(): void {
    this.#queue?.close();
  }

  /** What is not written by now is nobody's loss. */
  giveUp(): void {
    this.#queue?.drop();
  }

  /** The only text of a run: should it be lost, the reason is told too. */
  writeOnly(text: string): void {
    const reason = this.write("stdout", text);
    if (reason !== undefined) this.#reason = `: ${reason}`;
  }

  /** @returns why some of it was lost, in the system's words, as far as that is known by now */
  write(stream: Stream, text: string | Uint8Array): string | undefined {
    if (this.#isBroken) return undefined;
    if (this.#queue !== undefined)
      return this.#queue.write({ stream, bytes: typeof text === "string" ? toBytes(text) : text });
    try {
      writeAll(this.#fds[stream], text);
      return undefined;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.errno === "EPIPE" && this.#endsByPipe) {
        this.#isBroken = true;
        throw new BrokenOutput(error.message, { cause: error });
      }
      return this.#lost(stream, error);
    }
  }

  /** Writes a batch in one piece, behind what was written before. */
  writeBatch(batch: Batch): void {
    if (this.#queue !== undefined) {
      this.#queue.add(batch);
      return;
    }
    batch.begin?.(true);
    try {
      for (let piece = batch.next(); piece !== undefined; piece = batch.next()) {
        const reason = this.write(piece.stream, piece.bytes);
        if (reason !== undefined) batch.complain?.(reason);
      }
    } finally {
      batch.end?.();
    }
  }

  #lost(stream: Stream, error: HostError): string | undefined {
    // A descriptor that is closed takes nothing, and that is as wanted.
    if (error.errno === "EBADF" || stream !== "stdout") return undefined;
    this.#failed = true;
    return error.message;
  }
}
