/** One make of a job that asks to be a part of the client's process: its launcher here, and what the client sends of it. */

import { closeSync } from "node:fs";
import { basename } from "node:path";
import type { MakeOutcome } from "../base/exit-status.js";
import type { EndpointSocket } from "../net/endpoint-socket.js";
import { DescriptorWriters } from "../os/descriptor-streams.js";
import { dismissLauncher, hearLauncher, receiveLauncher, releaseLauncher } from "../os/launcher-line.js";
import type { JoinWish } from "../wire/message.js";

/** What a launcher has given; all of it ours to close. */
export interface LauncherEnds {
  /** Where it is answered. */
  readonly answer: number;
  /** Where its signals, and its end, are heard. */
  readonly notices: number;
  readonly stdout: number;
  readonly stderr: number;
}

const SIGHUP = 1;
/** By which a make ends that could not write all that it wanted. */
const WRITE_FAILED = 1;
const PIPE = "EPIPE";

/**
 * ```text
 *   asked ── refuse, lost ─────────────────────────▶ over: the launcher starts its make by itself
 *     │ take
 *     ▼
 *   running ── made, all of its output written ────▶ over: the launcher ends as the make did
 *           ── lost ───────────────────────────────▶ over: the launcher notices by its pipe's end
 * ```
 */
export class NodeMake {
  readonly over: Promise<void>;
  readonly #link: EndpointSocket;
  readonly #ends: LauncherEnds;
  /** As it calls itself. */
  readonly #name: string;
  readonly #writers: DescriptorWriters;
  readonly #unread = new Set<number>();
  #resolveOver: () => void = () => undefined;
  #state: "asked" | "running" | "over" = "asked";
  #stream = 0;
  #stopHearing: () => void;
  /** Nobody is there any more for whom it would be written. */
  #isGone = false;
  /** Some of its standard output could not be written: it has failed then. */
  #hasLost = false;

  constructor(link: EndpointSocket, wish: JoinWish, ends: LauncherEnds) {
    this.#link = link;
    this.#ends = ends;
    this.#name = nameOf(wish);
    this.#writers = new DescriptorWriters((fd, errno) => this.#cannotWrite(fd, errno));
    this.#stopHearing = () => closeSync(ends.notices);
    this.over = new Promise((resolve) => (this.#resolveOver = resolve));
  }

  /** It has to start by itself. */
  refuse(): void {
    dismissLauncher(this.#ends.answer);
    this.#close();
  }

  /** It runs in the client now. */
  take(stream: number): void {
    this.#state = "running";
    this.#stream = stream;
    receiveLauncher(this.#ends.answer);
    this.#stopHearing = hearLauncher(this.#ends.notices, {
      signalled: (signal) => {
        if (signal >= 1 && signal <= MAX_SIGNAL) this.#link.send({ type: "signal", stream, signal });
      },
      gone: () => this.end(),
    });
  }

  /** Nobody waits for it any more. */
  end(): void {
    if (this.#isGone || this.#state !== "running") return;
    this.#isGone = true;
    this.#writers.close(); // whoever does not read is not waited for either
    this.#link.send({ type: "cancel", stream: this.#stream, signal: SIGHUP });
  }

  /** It has written something. */
  output(type: "stdout" | "stderr", bytes: Uint8Array): void {
    const taken = (): void => this.#link.taken(this.#stream, bytes.length);
    const { stdout, stderr } = this.#ends;
    if (this.#isGone) taken();
    else
      void this.#writers
        .of(type === "stdout" ? stdout : stderr)
        .write(bytes)
        .then(taken); // it does not reject
  }

  /** It has ended, and all its output has come. */
  async made(status: MakeOutcome): Promise<void> {
    await this.#writers.idle();
    if (!this.#isRunning()) return;
    const verdict = this.#verdict(status);
    await this.#writers.idle();
    if (!this.#isRunning()) return;
    releaseLauncher(this.#ends.answer, verdict);
    this.#close();
  }

  /** The client is gone. */
  lost(): void {
    if (this.#state === "asked") this.refuse();
    if (this.#state !== "running") return;
    closeSync(this.#ends.answer);
    this.#close();
  }

  #isRunning(): boolean {
    return this.#state === "running";
  }

  #verdict(status: MakeOutcome): MakeOutcome {
    if (!this.#hasLost || status.kind !== "exited") return status;
    const failed: MakeOutcome = status.code === 0 ? { kind: "exited", code: WRITE_FAILED } : status;
    if (this.#isGone) return failed;
    const said = `${this.#name}: write error: stdout\n`;
    void this.#writers.of(this.#ends.stderr).write(Buffer.from(said, "latin1")); // perhaps it can be written
    return failed;
  }

  #cannotWrite(fd: number, errno: string): void {
    if (errno !== PIPE && fd === this.#ends.stdout) this.#hasLost = true;
    if (this.#state !== "running" || this.#unread.has(fd)) return;
    this.#unread.add(fd);
    if (errno === PIPE) this.#link.send({ type: "unread", stream: this.#stream, fd: fd === this.#ends.stdout ? 1 : 2 });
  }

  #close(): void {
    this.#state = "over";
    this.#stopHearing();
    this.#writers.close();
    // What is being written goes on: the numbers are not to be others' by then.
    void this.#writers.idle().then(() => closeBoth(this.#ends)); // it does not reject
    this.#resolveOver();
  }
}

const MAX_SIGNAL = 64;

function closeBoth({ stdout, stderr }: LauncherEnds): void {
  for (const fd of [stdout, stderr]) closeSync(fd);
}

function nameOf({ argv0, environment }: JoinWish): string {
  const level = environment.find((entry) => entry.startsWith(LEVEL))?.slice(LEVEL.length) ?? "0";
  return level === "0" ? basename(argv0) : `${basename(argv0)}[${level}]`;
}

const LEVEL = "MAKELEVEL=";
