/** What is said to a launcher that waits, and what is heard of it, until its make has ended; see launcher-script.ts. */

import { closeSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import type { MakeOutcome } from "../base/exit-status.js";
import { attempt } from "./attempt.js";

export interface LauncherListener {
  /** A signal has reached the launcher. */
  readonly signalled: (signal: number) => void;
  /** It has ended, and its make is to end too. */
  readonly gone: () => void;
}

/** A launcher reads the last word again when a signal comes in between. */
const REPEATED = 4;

/** One has to start its make by itself. @param answer - closed by this */
export function dismissLauncher(answer: number): void {
  say(answer, "alone");
  closeSync(answer);
}

/** The make of one is taken in. */
export function receiveLauncher(answer: number): void {
  say(answer, "ok");
}

/** @param answer - closed by this */
export function releaseLauncher(answer: number, end: MakeOutcome): void {
  const verdict = end.kind === "exited" ? `exit ${String(end.code)}` : `signal ${String(end.signal)}`;
  for (let i = 0; i < REPEATED; i++) say(answer, verdict);
  closeSync(answer);
}

/** Listens to one. @param notices - read and closed by this. @returns the way to stop it */
export function hearLauncher(notices: number, { signalled, gone }: LauncherListener): () => void {
  const socket = new Socket({ fd: notices, readable: true, writable: false });
  socket.on("data", (bytes: Buffer) => {
    for (const word of bytes.toString("latin1").match(/\d+/g) ?? []) signalled(Number(word));
  });
  socket.on("end", gone);
  socket.on("error", gone);
  socket.unref();
  return () => void socket.destroy();
}

function say(answer: number, text: string): void {
  // Who has ended meanwhile is told nothing.
  attempt(() => writeSync(answer, `${text}\n`));
}
