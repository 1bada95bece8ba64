/** Signals as this process gets them, and dying by one. */

import { constants } from "node:os";
import { nativeLibrary } from "./native.js";

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]));

/** `SIGTERM` of 15; undefined when this machine has no such signal. */
function signalName(signal: number): NodeJS.Signals | undefined {
  return NAMES.get(signal);
}

/** 15 of `SIGTERM`. */
function signalNumber(name: NodeJS.Signals): number {
  return constants.signals[name];
}

/** The signals on which a make stops what it does, cleans up, and dies. */
const FATAL_SIGNALS: readonly NodeJS.Signals[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGXCPU"];

/** All that can be caught and mean nothing to Node itself; those of real time have no names there. */
const CATCHABLE_SIGNALS: readonly NodeJS.Signals[] = [
  ...(["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCONT"] as const),
  ...(["SIGTSTP", "SIGURG", "SIGXCPU", "SIGVTALRM", "SIGWINCH", "SIGIO", "SIGPWR"] as const),
];

/** The signals in a mask of /proc/PID/status, as the launcher hands it on; none when it is no such mask. */
export function parseSignalMask(hexadecimal: string | undefined): bigint {
  return hexadecimal !== undefined && /^[0-9a-fA-F]{1,32}$/.test(hexadecimal) ? BigInt(`0x${hexadecimal}`) : 0n;
}

export function isInMask(mask: bigint, signal: number): boolean {
  return ((mask >> BigInt(signal - 1)) & 1n) === 1n;
}

/**
 * Calls back with the number of each fatal signal that arrives, those left out that our caller had us ignore.
 * @returns the way to stop it, after which they kill again
 */
export function onFatalSignals(listener: (signal: number) => void, ignored: bigint): () => void {
  return onSignals(FATAL_SIGNALS, listener, ignored);
}

/** The same for every signal that can be caught. */
export function onAllSignals(listener: (signal: number) => void, ignored: bigint): () => void {
  return onSignals(CATCHABLE_SIGNALS, listener, ignored);
}

/** Calls back on SIGUSR1, on which Node would let a debugger in. @returns the way to stop it */
export function onDebugSignal(listener: () => void): () => void {
  return onSignals(["SIGUSR1"], listener, 0n);
}

/**
 * Calls back with SIGTSTP and with SIGCONT. Meanwhile it is we who stop this process, a moment later than the system would: others
 * have to be told first.
 */
export function onStops(listener: (signal: number) => void, ignored: bigint): () => void {
  const stopping = (signal: number): void => {
    listener(signal);
    stopSoon();
  };
  const stop = onSignals(["SIGTSTP"], stopping, ignored);
  const goOn = onSignals(["SIGCONT"], listener, ignored);
  return () => {
    stop();
    goOn();
  };
}

/** Enough for a short message to leave this process. */
const TELL_MS = 50;
let isStopping = false;

/** Stops this process when what is about to be said has been said. */
export function stopSoon(): void {
  if (isStopping) return;
  isStopping = true;
  setTimeout(() => {
    isStopping = false;
    process.kill(process.pid, "SIGSTOP");
  }, TELL_MS);
}

function onSignals(names: readonly NodeJS.Signals[], listener: (signal: number) => void, ignored: bigint): () => void {
  const wanted = names.filter((name) => !isInMask(ignored, signalNumber(name)));
  const handlers = wanted.map((name) => [name, (): void => listener(signalNumber(name))] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}

/**
 * Resolves when the listeners have been called for every signal that had reached this process: the system tells signals in the order in
 * which threads come to take them, the end of a child before what was sent to us earlier.
 */
export async function signalsAreHeard(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Goes on ignoring what our caller had us ignore: Node gave every signal its default again when it started. To be called before
 * any program is started, for the spawner then tells the kernel to ignore them, which programs inherit.
 */
export function keepIgnoring(ignored: bigint): void {
  for (const name of FATAL_SIGNALS) if (isInMask(ignored, signalNumber(name))) process.on(name, () => undefined);
}

const SIG_DFL = 0;
const RLIMIT_CORE = 4;

/** Dies as `dieBy` does, without leaving a picture of this process, which nobody wants. */
export function dieWithoutCore(signal: number): never {
  nativeLibrary()?.calls.prlimit(0, RLIMIT_CORE, Buffer.alloc(16), null);
  dieBy(signal);
}

/** Ends this process by a signal, so that whoever waits for it sees that. */
export function dieBy(signal: number): never {
  const name = signalName(signal);
  if (name !== undefined) process.removeAllListeners(name);
  nativeLibrary()?.calls.signal(signal, SIG_DFL); // Node has handlers of its own for some
  process.kill(process.pid, signal);
  // It arrives before kill returns, or at once after; a signal that does not kill leaves its usual exit code.
  process.exit(128 + signal);
}
