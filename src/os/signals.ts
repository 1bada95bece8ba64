/** Signals as this process gets them, and dying by one. */

import { constants } from "node:os";

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
  const wanted = FATAL_SIGNALS.filter((name) => !isInMask(ignored, signalNumber(name)));
  const handlers = wanted.map((name) => [name, (): void => listener(signalNumber(name))] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}

/**
 * Goes on ignoring what our caller had us ignore: Node gave every signal its default again when it started. To be called before
 * any program is started, for the spawner then tells the kernel to ignore them, which programs inherit.
 */
export function keepIgnoring(ignored: bigint): void {
  for (const name of FATAL_SIGNALS) if (isInMask(ignored, signalNumber(name))) process.on(name, () => undefined);
}

/** Ends this process by a signal, so that whoever waits for it sees that. */
export function dieBy(signal: number): never {
  const name = signalName(signal) ?? "SIGTERM";
  process.removeAllListeners(name);
  process.kill(process.pid, name);
  // It arrives before kill returns, or at once after; a signal that does not kill leaves its usual exit code.
  process.exit(128 + signal);
}
