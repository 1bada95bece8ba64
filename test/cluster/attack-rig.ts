/** What the tables of attacks share: connections from addresses of their own, and what a tool's log says of each. */

import { readdirSync, rmSync } from "node:fs";
import { connect, type Server, type Socket } from "node:net";
import { expect } from "vitest";
import { GroupRig } from "./group-rig.js";

/** An attacker's address: all of 127.0.0.0/8 is this machine. Who is told of in a log is known by it. */
export function attackerAddress(index: number): string {
  return `127.0.${String(1 + Math.floor(index / 200))}.${String(1 + (index % 200))}`;
}

/** What became of one attack. */
export interface Outcome {
  readonly address: string;
  /** What the attacker got to read. */
  readonly heard: string;
}

/** Connects from an address; an error is a close. */
export function connectFrom(localAddress: string, to: { readonly host: string; readonly port: number }): Socket {
  const socket = connect({ ...to, localAddress });
  return socket.on("error", () => socket.destroy());
}

/** Many that connect and stay; who is sent away comes again. */
export class Crowd implements Disposable {
  readonly #sockets = new Set<Socket>();
  #isOver = false;

  /** @param words - what each says at once; nothing when empty */
  come(
    count: number,
    { port, from, words }: { readonly port: number; readonly from: string; readonly words: string },
  ): void {
    for (let i = 0; i < count; i++) this.#join({ port, from, words });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(call: { readonly port: number; readonly from: string; readonly words: string }): void {
    if (this.#isOver) return;
    const socket = connectFrom(call.from, { host: "127.0.0.1", port: call.port });
    this.#sockets.add(socket.resume());
    socket.once("connect", () => call.words !== "" && socket.write(Buffer.from(call.words, "latin1")));
    socket.once("close", () => {
      this.#sockets.delete(socket);
      setTimeout(() => this.#join(call), 250);
    });
  }
}

export function listenOn(server: Server, host: string): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, host, () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : 0);
    });
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Descriptors that a process has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${String(pid)}/fd`).length;
}

/** A rig for a whole table, with two applications' keys. */
export async function tableRig(directory: string): Promise<GroupRig> {
  const rig = new GroupRig(directory);
  await rig.keys("app");
  await rig.keys("other");
  return rig;
}

export async function disposeOf(rig: GroupRig): Promise<void> {
  await rig[Symbol.asyncDispose]();
  rmSync(rig.directory, { recursive: true, force: true });
}

/** The rejections of a worker's log, by address. */
export function rejectionsOf(log: string, address: string): readonly string[] {
  return log
    .split("\n")
    .filter((line) => line.includes('"event":"rejected"') && line.includes(`"address":"${address}"`));
}

/** One line that is short and has the reason. */
export function expectOneLine(lines: readonly string[], reason: RegExp): void {
  const reasons = lines.map((line) => (JSON.parse(line) as { reason: string }).reason);
  expect(reasons).toEqual([expect.stringMatching(reason) as string]);
  expect(lines[0]?.length).toBeLessThan(300);
}
