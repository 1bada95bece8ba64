/** The standard descriptors of a job on a node: each of the kind that it is on the client, with this worker at the other end. */

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { ReadStream } from "node:tty";
import type { DataPump, Pausable } from "../net/data-pump.js";
import { offsetOf } from "../os/file-offset.js";
import { nativeLibrary } from "../os/native.js";
import { openPipe, OutputPipe } from "../os/pipes.js";
import {
  openPseudoTerminal,
  type PseudoTerminal,
  resize,
  type TerminalSize,
  waitForNothing,
} from "../os/pseudo-terminal.js";
import { openSocketPair } from "../os/socket-pair.js";
import { CLOSED, TERMINAL } from "../os/spawn.js";
import type { DescriptorKind, Terminal } from "../wire/descriptor.js";
import type { RunRequest } from "../wire/message.js";
import { FurtherIo, type FurtherIoRequest } from "./further-io.js";
import { InputPipe } from "./input-pipe.js";
import { DescriptorFault, openDevice, openFile } from "./open-descriptor.js";
import { TwoWay } from "./two-way.js";

/** The kinds of 0, 1 and 2. */
export type StandardKinds = readonly [DescriptorKind, DescriptorKind, DescriptorKind];

export interface JobIoRequest {
  readonly temporaryDirectory: string;
  readonly kinds: StandardKinds;
  readonly terminal: Terminal | undefined;
  /** Where what is written goes: to 1, to 2, to the terminal. */
  readonly outputs: Readonly<Record<"stdout" | "stderr" | "terminal", DataPump>>;
  /** So many bytes of input were dealt with. */
  readonly onTaken: (bytes: number) => void;
  /** Nobody reads the input any more. */
  readonly onInputUnread: () => void;
  /** Every program has closed this output. */
  readonly onWritten: (fd: number) => void;
  /** Descriptors above 2, and who is told of them. */
  readonly further: Pick<FurtherIoRequest, "further" | "link">;
}

const NOTHING: DescriptorKind = { kind: "device", path: "/dev/null", mode: "read" };
const PIPE: DescriptorKind = { kind: "pipe" };

/** What the descriptors of a job are to be. */
export function kindsOf({ input, oneOutput, descriptors = [] }: RunRequest): StandardKinds {
  const usual = [input ? PIPE : NOTHING, PIPE, oneOutput ? ({ kind: "same", as: 1 } as const) : PIPE] as const;
  const kindOf = (fd: 0 | 1 | 2): DescriptorKind => descriptors.find((one) => one.fd === fd) ?? usual[fd];
  return [kindOf(0), kindOf(1), kindOf(2)];
}

interface Output extends Pausable {
  flush(): void;
  finish(): void;
  leave?(): void;
}

export class JobIo {
  /** Descriptors, or what stands in their place; see SpawnRequest. */
  readonly fds: [stdin: number, stdout: number, stderr: number] = [CLOSED, CLOSED, CLOSED];
  /** The terminal's path, if there is one. */
  readonly terminal: string | undefined;
  /** Those above 2. */
  readonly further: FurtherIo;
  readonly #request: JobIoRequest;
  readonly #outputs = new Map<number | "terminal", Output>();
  readonly #closers: (() => void)[] = [];
  #input: { take(bytes: Uint8Array | "end"): void } | undefined;
  #inputPipe: InputPipe | undefined;
  #terminal: PseudoTerminal | undefined;

  /** Opens all of them, or none. @throws HostError, ErrnoException or DescriptorFault */
  constructor(request: JobIoRequest) {
    this.#request = request;
    try {
      this.terminal = this.#openTerminal();
      for (const [fd, kind] of request.kinds.entries()) this.fds[fd] = this.#open(fd, kind);
      const { temporaryDirectory, further } = request;
      this.further = new FurtherIo({ temporaryDirectory, ...further, standard: this.fds });
    } catch (error) {
      this.#closeStandard();
      throw error;
    }
  }

  /** Input from the client. */
  take(bytes: Uint8Array | "end"): void {
    if (this.#input !== undefined) this.#input.take(bytes);
    else if (bytes !== "end") this.#request.onTaken(bytes.length);
  }

  resize(size: TerminalSize): void {
    const library = nativeLibrary();
    if (this.#terminal !== undefined && library !== undefined) resize(library, this.#terminal.master, size);
  }

  /** How far a file that is standard input was read; undefined: it is none. */
  get inputOffset(): number | undefined {
    return this.#request.kinds[0].kind === "file" ? offsetOf(this.fds[0]) : undefined;
  }

  /** The only program has started: from now on a pipe ends when it, and all that have it from it, have closed it. */
  leavePipes(): void {
    for (const output of this.#outputs.values()) output.leave?.();
    this.#inputPipe?.leave();
    this.further.leave();
  }

  /** The client's reader of an output is gone: programs that write to it are to notice. */
  unread(fd: number): void {
    const { outputs } = this.#request;
    (fd === 1 ? outputs.stdout : outputs.stderr).drop();
    this.#outputs.get(fd)?.finish();
  }

  /** Resolves when all output so far is on its way, so that what is said next comes behind it. */
  async flushed(): Promise<void> {
    for (const output of this.#outputs.values()) output.flush();
    await Promise.all([...Object.values(this.#request.outputs).map((pump) => pump.idle()), this.further.flushed()]);
  }

  /** Hands on what is still there; whoever writes later finds nobody reading. */
  close(): void {
    this.further.close();
    this.#closeStandard();
  }

  #closeStandard(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  #open(fd: number, kind: DescriptorKind): number {
    switch (kind.kind) {
      case "closed":
        return CLOSED;
      case "device":
        return this.#keep(openDevice(kind.path, kind.mode));
      case "file":
        return this.#keep(openFile(kind, { offset: kind.offset, mode: "read" }));
      case "pipe":
        return fd === 0 ? this.#openInput() : this.#openOutput(fd);
      case "socket":
        return this.#openSocket(fd);
      case "terminal":
        return TERMINAL;
      case "same":
        return this.fds[kind.as] ?? CLOSED;
    }
  }

  #keep(fd: number): number {
    this.#closers.push(() => closeSync(fd));
    return fd;
  }

  #openInput(): number {
    const { temporaryDirectory, onTaken, onInputUnread } = this.#request;
    const input = new InputPipe(openPipe(temporaryDirectory), { onTaken, onUnread: onInputUnread });
    this.#closers.push(() => input.close());
    this.#input = input;
    this.#inputPipe = input;
    return input.readFd;
  }

  #openOutput(fd: number): number {
    const pump = this.#pumpOf(fd);
    const { temporaryDirectory, onWritten } = this.#request;
    const pipe = new OutputPipe(openPipe(temporaryDirectory), (bytes) => pump.push(bytes));
    pipe.onEnd(() => void pump.idle().then(() => onWritten(fd)));
    pump.attach(pipe);
    this.#outputs.set(fd, pipe);
    this.#closers.push(() => pipe.finish());
    return pipe.writeFd;
  }

  /** Two-way when it is standard output too. */
  #openSocket(fd: number): number {
    const out = this.#request.kinds.findIndex((kind) => kind.kind === "same" && kind.as === fd);
    const pump = this.#pumpOf(out > 0 ? out : fd);
    const { ours, theirs } = openSocketPair();
    this.#keep(theirs);
    const stream = new Socket({ fd: ours, readable: true, writable: true, allowHalfOpen: true });
    const { onTaken } = this.#request;
    const twoWay = new TwoWay({
      ...{ stream, fd: ours, onTaken, atEnd: "close", close: () => undefined },
      onData: (bytes) => pump.push(bytes),
    });
    pump.attach(twoWay);
    if (fd === 0) this.#input = twoWay;
    this.#outputs.set(fd, twoWay);
    this.#closers.push(() => twoWay.finish());
    return theirs;
  }

  #pumpOf(fd: number): DataPump {
    const { stdout, stderr } = this.#request.outputs;
    return fd === 2 ? stderr : stdout;
  }

  #openTerminal(): string | undefined {
    const { terminal: like, kinds, outputs, onTaken } = this.#request;
    if (!kinds.some(({ kind }) => kind === "terminal") || like === undefined) return undefined;
    const library = nativeLibrary();
    if (library === undefined) throw new DescriptorFault("ENOSYS", "cannot make terminals");
    const terminal = openPseudoTerminal(library, like);
    const pump = outputs.terminal;
    const stream = new ReadStream(terminal.master);
    waitForNothing(library, terminal.master);
    const twoWay = new TwoWay({
      ...{ stream, fd: terminal.master, onTaken, atEnd: "hang-up" },
      onData: (bytes) => pump.push(bytes),
      close: () => terminal.release(),
    });
    pump.attach(twoWay);
    this.#terminal = terminal;
    this.#input = twoWay;
    this.#outputs.set("terminal", twoWay);
    this.#closers.push(() => twoWay.finish());
    return terminal.path;
  }
}
