/** A program's whole output, taken while this process goes on. */

import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type Cancellation, orAborted } from "../base/abort.js";
import { openPipe } from "./pipes.js";
import type { Captured, CaptureRequest, Spawner } from "./spawner.js";

export interface CaptureOptions {
  readonly spawner: Spawner;
  /** Absolute; where a pipe may have its name for a moment. */
  readonly temporaryDirectory: string;
  /** Ends the program, by the signal that its reason is. */
  readonly cancel: Cancellation;
}

const SIGTERM = 15;
/** A program that is to end has so long for it. */
const LAST_WORDS_MS = 1000;

/**
 * Starts a program, and resolves when it has ended and nobody can write its output any more. Once cancelled nobody wants that output,
 * nor waits for a program that does not end.
 *
 * @throws HostError when there is no pipe
 */
export async function captureOutput(request: CaptureRequest, options: CaptureOptions): Promise<Captured> {
  const { spawner, temporaryDirectory, cancel } = options;
  const { read, write } = openPipe(temporaryDirectory);
  const output = new Output(read);
  const started = spawner.spawn({ ...request, stdout: write, group: "inherit" });
  closeSync(write);
  const whole = Promise.all([output.text, started.exit]).then(([stdout, status]) => ({ stdout, status }));
  await orAborted(whole, cancel);
  if (!cancel.aborted) return whole;
  const signal = typeof cancel.reason === "number" ? cancel.reason : SIGTERM;
  started.kill(signal);
  await Promise.race([started.exit, pause(LAST_WORDS_MS)]);
  output.close();
  return { stdout: "", status: { kind: "signalled", signal, core: false } };
}

/** What is read from a pipe, up to its end. */
class Output {
  readonly text: Promise<string>;
  readonly #socket: Socket;

  constructor(fd: number) {
    const net = process.getBuiltinModule("node:net"); // seldom needed
    const socket = new net.Socket({ fd, readable: true, writable: false }).setEncoding("latin1");
    let text = "";
    socket.on("data", (piece: string) => (text += piece));
    this.text = new Promise((resolve) => socket.on("end", () => resolve(text)));
    this.#socket = socket;
  }

  close(): void {
    this.#socket.destroy();
  }
}
