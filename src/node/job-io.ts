/** The three standard descriptors of a job on a node: real pipes, whose other ends are this worker's. */

import { closeSync, openSync } from "node:fs";
import type { DataPump } from "../net/data-pump.js";
import { OutputPipe } from "../os/pipes.js";
import { InputPipe } from "./input-pipe.js";

export interface JobIoRequest {
  readonly temporaryDirectory: string;
  /** Where output goes: both together, or standard output and standard error. */
  readonly outputs: readonly [DataPump] | readonly [DataPump, DataPump];
  /** Called with what went into standard input; without it that is /dev/null. */
  readonly onTaken?: ((bytes: number) => void) | undefined;
}

export class JobIo {
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  /** Standard input, if it is to be filled. */
  readonly input: InputPipe | undefined;
  readonly #pumps: readonly DataPump[];
  readonly #pipes: OutputPipe[] = [];
  readonly #closers: (() => void)[] = [];

  /** Opens all of them, or none. @throws HostError or ErrnoException */
  constructor({ temporaryDirectory, outputs, onTaken }: JobIoRequest) {
    this.#pumps = outputs;
    try {
      const [stdout, stderr = stdout] = outputs;
      this.stdout = this.#openOutput(temporaryDirectory, stdout);
      this.stderr = stderr === stdout ? this.stdout : this.#openOutput(temporaryDirectory, stderr);
      this.input = onTaken && this.#openInput(temporaryDirectory, onTaken);
      this.stdin = this.input?.readFd ?? this.#openNothing();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Resolves when all output so far is on its way, so that what is said next comes behind it. */
  async flushed(): Promise<void> {
    for (const pipe of this.#pipes) pipe.flush();
    await Promise.all(this.#pumps.map((pump) => pump.idle()));
  }

  /** Hands on what is still in the pipes; whoever writes later finds nobody reading. */
  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  #openOutput(temporaryDirectory: string, pump: DataPump): number {
    const pipe = new OutputPipe(temporaryDirectory, (bytes) => pump.push(bytes));
    pump.attach(pipe);
    this.#pipes.push(pipe);
    this.#closers.push(() => pipe.finish());
    return pipe.writeFd;
  }

  #openInput(temporaryDirectory: string, onTaken: (bytes: number) => void): InputPipe {
    const input = new InputPipe(temporaryDirectory, onTaken);
    this.#closers.push(() => input.close());
    return input;
  }

  #openNothing(): number {
    const fd = openSync("/dev/null", "r");
    this.#closers.push(() => closeSync(fd));
    return fd;
  }
}
