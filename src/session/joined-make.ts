/** A make that a recipe's shell has started, as a part of this process: from what its launcher was given to what that is told. */

import { closeSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { type Cancellation, Canceller } from "../base/abort.js";
import { attempt } from "../os/attempt.js";
import {
  furtherOfLauncher,
  type Launcher,
  type LauncherClaim,
  type LauncherDescriptors,
  type OwnDescriptors,
  openLauncherNotices,
  readLauncher,
  takeLauncherDescriptors,
} from "../os/launcher.js";
import type { MakeOutcome } from "./make-outcome.js";
import { namesOwnDescriptor } from "./own-descriptor-names.js";

const SIGHUP = 1;
const SIGUSR1 = 10;
const SIGTERM = 15;
/** A launcher reads the last word again when a signal comes in between. */
const REPEATED = 4;

/** What a launcher has given for its make. */
export interface Joined extends Launcher, LauncherDescriptors {
  /** Numbers of descriptors above 2, which are the same of ours. */
  readonly further: readonly number[];
  readonly cancel: Cancellation;
  /** Calls back whenever SIGUSR1 has reached the launcher. */
  readonly onDebugSignal: (listener: () => void) => () => void;
}

export interface Welcome {
  /** What the make above has given to recipes. */
  readonly own: OwnDescriptors;
  /** Whether the make may run here, by what it was given. */
  readonly suits: (launcher: Launcher) => boolean;
  readonly run: (joined: Joined) => Promise<MakeOutcome>;
}

export interface JoinRequest extends Welcome {
  readonly claim: LauncherClaim;
  /** Where the launcher is answered; closed in the end, if its make is taken in. */
  readonly answer: number;
}

/** Runs the make of a launcher. @returns false when it has to start by itself */
export function joinMake({ claim, answer, own, suits, run }: JoinRequest): boolean {
  const launcher = readLauncher(claim);
  if (launcher === undefined || readsFromPipe(launcher) || namesOwnDescriptor(launcher.argv) || !suits(launcher))
    return false;
  const further = furtherOfLauncher(claim);
  const notices = further === undefined ? undefined : openLauncherNotices(claim);
  if (further === undefined || notices === undefined) return false;
  const descriptors = takeLauncherDescriptors(claim, own);
  if (descriptors === undefined) {
    closeSync(notices);
    return false;
  }
  const hearing = hear(notices);
  say(answer, "ok");
  const { cancel, onDebugSignal } = hearing;
  // A failure that nobody foresaw ends the program with its trace.
  void run({ ...launcher, ...descriptors, further, cancel, onDebugSignal }).then((outcome) => {
    for (let i = 0; i < REPEATED; i++) say(answer, verdictOf(outcome));
    hearing.close();
    for (const fd of [descriptors.stdin, descriptors.stdout, descriptors.stderr, answer]) closeSync(fd);
  });
  return true;
}

/** A makefile from standard input is read to its end, for which the whole process would wait. */
function readsFromPipe({ argv }: Launcher): boolean {
  return argv.some((word) => word === "-" || /^(?:-\w*f|--file=|--makefile=)-$/.test(word));
}

function verdictOf(outcome: MakeOutcome): string {
  return outcome.kind === "exited" ? `exit ${String(outcome.code)}` : `signal ${String(outcome.signal)}`;
}

function say(answer: number, text: string): void {
  // Who has ended meanwhile is told nothing.
  attempt(() => writeSync(answer, `${text}\n`));
}

interface Hearing extends Pick<Joined, "cancel" | "onDebugSignal"> {
  close(): void;
}

/** What comes from a launcher: numbers of signals, and its end, with which its make ends too. */
function hear(notices: number): Hearing {
  const cancel = new Canceller();
  const listeners = new Set<() => void>();
  const socket = new Socket({ fd: notices, readable: true, writable: false });
  socket.on("data", (bytes: Buffer) => {
    for (const word of bytes.toString("latin1").match(/\d+/g) ?? []) {
      if (Number(word) === SIGUSR1) for (const listener of listeners) listener();
      else if (Number(word) < SIGUSR1 || Number(word) === SIGTERM) cancel.abort(Number(word));
    }
  });
  socket.on("end", () => cancel.abort(SIGHUP));
  socket.on("error", () => cancel.abort(SIGHUP));
  socket.unref();
  return {
    cancel,
    onDebugSignal: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => void socket.destroy(),
  };
}
