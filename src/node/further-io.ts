/** A job's descriptors above 2 on a node: each of the kind that it is on the client, with this worker at the other end. */

import { closeSync } from "node:fs";
import { DataPump } from "../net/data-pump.js";
import type { EndpointSocket } from "../net/endpoint-socket.js";
import { offsetOf } from "../os/file-offset.js";
import { duplicate } from "../os/open-file.js";
import { openPipe, OutputPipe } from "../os/pipes.js";
import { isUnread, openSocketPair } from "../os/socket-pair.js";
import { type DescriptorMove, TERMINAL } from "../os/spawn.js";
import type { FurtherDescriptor } from "../wire/descriptor.js";
import type { DescriptorMessage } from "../wire/message.js";
import { InputPipe } from "./input-pipe.js";
import { openDevice, openFile } from "./open-descriptor.js";

/** What is said to the client of one descriptor. */
export interface FurtherLink {
  /** @returns how many bytes were accepted */
  readonly send: (fd: number, bytes: Uint8Array) => number;
  /** Nobody here writes to it any more. */
  readonly end: (fd: number) => void;
  /** Nobody here reads it any more. */
  readonly unread: (fd: number) => void;
  /** So many bytes of it were dealt with. */
  readonly taken: (fd: number, bytes: number) => void;
}

export function furtherLink(link: EndpointSocket, stream: number): FurtherLink {
  return {
    send: (fd, bytes) => link.sendDescriptorData(stream, fd, bytes),
    end: (fd) => link.send({ type: "fd-end", stream, fd }),
    unread: (fd) => link.send({ type: "fd-unread", stream, fd }),
    taken: (fd, bytes) => link.takenOf(stream, fd, bytes),
  };
}

export interface FurtherIoRequest {
  readonly temporaryDirectory: string;
  readonly further: readonly FurtherDescriptor[];
  /** What 0, 1 and 2 are here. */
  readonly standard: readonly number[];
  readonly link: FurtherLink;
}

export class FurtherIo {
  /** See SpawnRequest. */
  readonly moves: readonly DescriptorMove[];
  readonly #request: FurtherIoRequest;
  readonly #inputs = new Map<number, InputPipe>();
  readonly #outputs = new Map<number, { readonly pipe: OutputPipe; readonly pump: DataPump }>();
  /** Files that were opened here, by the client's numbers. */
  readonly #files = new Map<number, number>();
  readonly #opened: number[] = [];

  /** Opens all of them, or none. @throws HostError, ErrnoException or DescriptorFault */
  constructor(request: FurtherIoRequest) {
    this.#request = request;
    const ours = new Map(request.standard.entries());
    try {
      for (const further of request.further) ours.set(further.fd, this.#open(further, ours));
    } catch (error) {
      this.close();
      throw error;
    }
    this.moves = request.further.map(({ fd }) => [ours.get(fd) ?? TERMINAL, fd]);
  }

  /** How far files were read that were opened here. */
  get offsets(): readonly (readonly [fd: number, offset: number])[] {
    return [...this.#files].flatMap(([fd, ours]) => {
      const offset = offsetOf(ours);
      return offset === undefined ? [] : [[fd, offset] as const];
    });
  }

  /** What the client says of one. */
  received(message: DescriptorMessage): void {
    switch (message.type) {
      case "fd-data":
        this.#take(message.fd, message.bytes);
        return;
      case "fd-end":
        this.#take(message.fd, "end");
        return;
      case "fd-unread":
        this.#unread(message.fd);
        return;
      case "fd-credit":
        this.#outputs.get(message.fd)?.pump.credit();
        return;
    }
  }

  #take(fd: number, bytes: Uint8Array | "end"): void {
    const input = this.#inputs.get(fd);
    if (input !== undefined) input.take(bytes);
    else if (bytes !== "end") this.#request.link.taken(fd, bytes.length);
  }

  /** The client's reader of one is gone: programs that write to it are to notice. */
  #unread(fd: number): void {
    const output = this.#outputs.get(fd);
    output?.pump.drop();
    output?.pipe.finish();
    this.#request.link.end(fd);
  }

  /** There may be credit again, for any. */
  credit(): void {
    for (const { pump } of this.#outputs.values()) pump.credit();
  }

  /** The only program has started: from now on a pipe ends when it, and all that have it from it, have closed it. */
  leave(): void {
    for (const { pipe } of this.#outputs.values()) pipe.leave();
    for (const input of this.#inputs.values()) input.leave();
  }

  /** Resolves when all output so far is on its way. */
  async flushed(): Promise<void> {
    for (const { pipe } of this.#outputs.values()) pipe.flush();
    await this.idle();
  }

  /** Resolves when nothing waits to be sent. */
  async idle(): Promise<void> {
    await Promise.all([...this.#outputs.values()].map(({ pump }) => pump.idle()));
  }

  /** Nobody wants the output any more. */
  drop(): void {
    for (const { pump } of this.#outputs.values()) pump.drop();
  }

  /** Hands on what is still there; whoever writes later finds nobody reading. */
  close(): void {
    for (const { pipe } of this.#outputs.values()) pipe.finish();
    for (const input of this.#inputs.values()) input.close();
    for (const fd of this.#opened.splice(0)) closeSync(fd);
    this.#files.clear();
  }

  #open(further: FurtherDescriptor, ours: ReadonlyMap<number, number>): number {
    const { fd } = further;
    switch (further.kind) {
      case "device":
        return this.#keep(openDevice(further.path, further.mode));
      case "file": {
        const file = this.#keep(openFile(further, { offset: further.offset, mode: further.mode }));
        this.#files.set(fd, file);
        return file;
      }
      case "pipe":
        return further.mode === "read" ? this.#openInput(fd) : this.#openOutput(fd);
      case "socket":
        return this.#openSocket(fd);
      case "terminal":
        return TERMINAL;
      case "same":
        return ours.get(further.as) ?? TERMINAL;
    }
  }

  #keep(fd: number): number {
    this.#opened.push(fd);
    return fd;
  }

  #openInput(fd: number): number {
    const ends = openPipe(this.#request.temporaryDirectory);
    this.#fill(fd, new InputPipe(ends, this.#listener(fd)));
    return ends.read;
  }

  #openOutput(fd: number): number {
    const ends = openPipe(this.#request.temporaryDirectory);
    const { pipe, pump } = this.#drain(fd, ends);
    pipe.onEnd(() => void pump.idle().then(() => this.#request.link.end(fd)));
    return ends.write;
  }

  /** Its two ways end each for itself. A program that has closed it is told from one that only writes no more. */
  #openSocket(fd: number): number {
    const { ours, theirs } = openSocketPair();
    const { pipe, pump } = this.#drain(fd, { read: ours, write: undefined });
    this.#fill(fd, new InputPipe({ read: theirs, write: duplicate(ours) }, this.#listener(fd)));
    pipe.onEnd(() => {
      if (isUnread(ours)) this.#request.link.unread(fd);
      void pump.idle().then(() => this.#request.link.end(fd));
    });
    return theirs;
  }

  #fill(fd: number, input: InputPipe): void {
    this.#inputs.set(fd, input);
  }

  #drain(fd: number, ends: { readonly read: number; readonly write: number | undefined }) {
    const { link } = this.#request;
    const pump = new DataPump((bytes) => link.send(fd, bytes));
    const pipe = new OutputPipe(ends, (bytes) => pump.push(bytes));
    pump.attach(pipe);
    const output = { pipe, pump };
    this.#outputs.set(fd, output);
    return output;
  }

  #listener(fd: number) {
    const { link } = this.#request;
    return { onTaken: (bytes: number) => link.taken(fd, bytes), onUnread: () => link.unread(fd) };
  }
}
