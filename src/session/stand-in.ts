/** This process as the other end of a program that runs elsewhere in its place: descriptors, terminal, signals. */

import { closeSync, openSync, write as writeFd } from "node:fs";
import { Broadcast } from "../base/broadcast.js";
import type { SignalSource } from "../base/signals.js";
import type { StandIn } from "../exec/remote.js";
import type { OutputStream } from "../net/node-connection.js";
import { describeDescriptor, describeOutputs } from "../os/descriptors.js";
import { nativeLibrary } from "../os/native.js";
import { onResizeOf, terminalAt } from "../os/own-terminal.js";
import { modesOf, rawModes, setModes, type TerminalModes } from "../os/pseudo-terminal.js";
import { hasForeground } from "../os/terminal.js";
import { errnoOf } from "../os/strerror.js";
import type { RequestedDescriptor, Terminal } from "../wire/descriptor.js";

export interface OwnDescriptorsRequest {
  /** Standard descriptors that were closed when this process began. */
  readonly closed: readonly number[];
  readonly signals: SignalSource;
  /** Output could not be written; EPIPE: because nobody reads it. */
  readonly onLost: (fd: number, errno: string) => void;
}

const RETRY_MS = 5;

/** @see StandIn; standard output and error are 1 and 2, the terminal is whichever of the three is one. */
export class OwnDescriptors implements StandIn, Disposable {
  readonly outputs: readonly RequestedDescriptor[];
  readonly terminal: Terminal | undefined;
  /** Which standard descriptor that is. */
  readonly terminalFd: number | undefined;
  /** Standard descriptors that the program has. */
  readonly open: readonly number[];
  readonly signals: SignalSource;
  readonly #request: OwnDescriptorsRequest;
  readonly #leaving = new Broadcast<number>();
  /** The modes that our terminal had, while it is in others. */
  #cooked: TerminalModes | undefined;
  readonly #unread = new Set<number>();
  readonly #writing = new Map<number, Promise<boolean>>();

  constructor(request: OwnDescriptorsRequest) {
    this.#request = request;
    this.signals = request.signals;
    const { closed } = request;
    this.outputs = describeOutputs(closed);
    this.open = [0, 1, 2].filter((fd) => !closed.includes(fd));
    const readsTerminal = !closed.includes(0) && describeDescriptor(0).kind === "terminal";
    this.terminalFd = this.outputs.find(({ kind }) => kind === "terminal")?.fd ?? (readsTerminal ? 0 : undefined);
    this.terminal = this.terminalFd === undefined ? undefined : terminalAt(this.terminalFd);
    if (readsTerminal) this.takeTerminal();
  }

  readonly onResize: StandIn["onResize"] = (listener) =>
    this.terminalFd === undefined ? () => undefined : onResizeOf(this.terminalFd, listener);

  readonly write: StandIn["write"] = (stream, bytes) => {
    const fd = this.#fdOf(stream);
    const before = this.#writing.get(fd) ?? Promise.resolve(true);
    const copy = Buffer.from(bytes);
    const done = before.then(() => this.#writeAll(fd, copy));
    this.#writing.set(fd, done);
    return done;
  };

  readonly written: StandIn["written"] = (fd) => {
    const before = this.#writing.get(fd) ?? Promise.resolve(true);
    void before.then(() => this.#leave(fd)); // nothing rejects
    for (const other of this.outputs) if (other.kind === "same" && other.as === fd) this.written(other.fd);
  };

  readonly inputUnread: StandIn["inputUnread"] = () => this.#leave(0);

  /** Calls back when a standard descriptor has been closed, because the program has closed it. */
  readonly onLeft = this.#leaving.subscribe;

  /** Resolves when all output has been written. */
  async idle(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  /** Has the terminal hand on every key, for there is another one at the program's side; nothing when others have it. */
  takeTerminal(): void {
    const library = nativeLibrary();
    if (library === undefined || this.terminalFd === undefined || this.#cooked !== undefined || !hasForeground())
      return;
    const modes = modesOf(library, this.terminalFd);
    if (modes === undefined) return;
    this.#cooked = modes;
    setModes(library, this.terminalFd, rawModes(modes));
  }

  /** Gives the terminal its modes back. */
  giveTerminalBack(): void {
    const library = nativeLibrary();
    if (library === undefined || this.terminalFd === undefined || this.#cooked === undefined) return;
    setModes(library, this.terminalFd, this.#cooked);
    this.#cooked = undefined;
  }

  [Symbol.dispose](): void {
    this.giveTerminalBack();
  }

  #leave(fd: number): void {
    leave(fd);
    this.#leaving.send(fd);
  }

  #fdOf(stream: OutputStream): number {
    if (stream === "terminal") return this.terminalFd ?? 2;
    return stream === "stdout" ? 1 : 2;
  }

  async #writeAll(fd: number, bytes: Uint8Array): Promise<boolean> {
    let rest = bytes;
    while (rest.length > 0 && !this.#unread.has(fd)) {
      try {
        rest = rest.subarray(await writeSome(fd, rest));
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === undefined) throw error;
        // someone made the descriptor, which we share, a non-blocking one
        if (errno === "EAGAIN") await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        else this.#gone(fd, errno);
      }
    }
    return !this.#unread.has(fd);
  }

  #gone(fd: number, errno: string): void {
    this.#unread.add(fd);
    this.#request.onLost(fd, errno);
  }
}

/** In a thread of its own, so that a slow reader keeps nothing else here waiting. */
function writeSome(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    writeFd(fd, bytes, 0, bytes.length, null, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

/** Closes a standard descriptor for whoever is at its other end; here it leads nowhere from then on. */
function leave(fd: number): void {
  closeSync(fd);
  openSync("/dev/null", "r+"); // takes the number that has become free, so that no other file ever has it
}
