/** A make that a recipe's shell has started, as a part of this process: from what its launcher was given to what that is told. */

import { closeSync } from "node:fs";
import { type Cancellation, Canceller } from "../base/abort.js";
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
import { hearLauncher, receiveLauncher, releaseLauncher } from "../os/launcher-line.js";
import type { MakeOutcome } from "../base/exit-status.js";
import { namesOwnDescriptor } from "./own-descriptor-names.js";

const SIGHUP = 1;
const SIGUSR1 = 10;
const SIGTERM = 15;

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
  const signals = new LauncherSignals();
  const stopHearing = hearLauncher(notices, signals);
  receiveLauncher(answer);
  const { cancel, onDebugSignal } = signals;
  // A failure that nobody foresaw ends the program with its trace.
  void run({ ...launcher, ...descriptors, further, cancel, onDebugSignal }).then((outcome) => {
    releaseLauncher(answer, outcome);
    stopHearing();
    for (const fd of [descriptors.stdin, descriptors.stdout, descriptors.stderr]) closeSync(fd);
  });
  return true;
}

/** A makefile from standard input is read to its end, for which the whole process would wait. */
export function readsFromPipe({ argv }: Pick<Launcher, "argv">): boolean {
  return argv.some((word) => word === "-" || /^(?:-\w*f|--file=|--makefile=)-$/.test(word));
}

/** What comes of the signals that reach a launcher, and of its end, with which its make ends too. */
export class LauncherSignals {
  readonly cancel = new Canceller();
  readonly #listeners = new Set<() => void>();

  readonly onDebugSignal = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly signalled = (signal: number): void => {
    if (signal === SIGUSR1) for (const listener of this.#listeners) listener();
    else if (signal < SIGUSR1 || signal === SIGTERM) this.cancel.abort(signal);
  };

  readonly gone = (): void => this.cancel.abort(SIGHUP);
}
