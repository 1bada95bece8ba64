/** What make says of a recipe line that ended other than well, in GNU make's words. Pure text. */

import type { ExitStatus } from "../base/exit-status.js";
import { formatLocation, type Location } from "../base/location.js";
import { strerror } from "../os/strerror.js";

/** The C library's names of signals (`strsignal`); numbers are Linux's. */
const SIGNAL_TEXTS: ReadonlyMap<number, string> = new Map([
  [1, "Hangup"],
  [2, "Interrupt"],
  [3, "Quit"],
  [4, "Illegal instruction"],
  [5, "Trace/breakpoint trap"],
  [6, "Aborted"],
  [7, "Bus error"],
  [8, "Floating point exception"],
  [9, "Killed"],
  [10, "User defined signal 1"],
  [11, "Segmentation fault"],
  [12, "User defined signal 2"],
  [13, "Broken pipe"],
  [14, "Alarm clock"],
  [15, "Terminated"],
  [16, "Stack fault"],
  [17, "Child exited"],
  [18, "Continued"],
  [19, "Stopped (signal)"],
  [20, "Stopped"],
  [21, "Stopped (tty input)"],
  [22, "Stopped (tty output)"],
  [23, "Urgent I/O condition"],
  [24, "CPU time limit exceeded"],
  [25, "File size limit exceeded"],
  [26, "Virtual timer expired"],
  [27, "Profiling timer expired"],
  [28, "Window changed"],
  [29, "I/O possible"],
  [30, "Power failure"],
  [31, "Bad system call"],
]);

/** `Terminated`, `Segmentation fault` …: what the C library calls a signal. */
export function signalText(signal: number): string {
  const known = SIGNAL_TEXTS.get(signal);
  if (known !== undefined) return known;
  return signal >= 34 && signal <= 64 ? `Real-time signal ${String(signal - 34)}` : `Unknown signal ${String(signal)}`;
}

/** `Error 2`, `Terminated`, `Segmentation fault (core dumped)`: how a failed program's end is told. */
function describeStatus(status: ExitStatus): string {
  switch (status.kind) {
    case "exited":
      return `Error ${String(status.code)}`;
    case "signalled":
      return signalText(status.signal) + (status.core ? " (core dumped)" : "");
    case "unstarted":
      return "Error 127"; // whatever the reason, as GNU make has it
    case "lost":
      return `Lost with node ${status.node} (${status.reason})`;
  }
}

export interface FailedLine {
  readonly target: string;
  readonly location: Location;
  readonly status: ExitStatus;
  /** The line's failure does not stop the recipe. */
  readonly ignored: boolean;
  /** The mode or seed of `--shuffle`, by which the failure can be had again. */
  readonly shuffle?: string | undefined;
}

/** What is said of it, in this order. */
export interface FailureReport {
  /** Set when its program could not be started; said whatever becomes of the failure. */
  readonly whyUnstarted: string | undefined;
  /** `*** [FILE:LINE: TARGET] Error N` */
  readonly verdict: string;
}

/** The messages about a failed line, each without the `make: ` before it and the newline behind it. */
export function reportFailedLine({ target, location, status, ignored, shuffle }: FailedLine): FailureReport {
  const what = `[${formatLocation(location)}: ${target}] ${describeStatus(status)}`;
  const order = shuffle === undefined ? "" : ` shuffle=${shuffle}`;
  const verdict = `${ignored ? `${what} (ignored)` : `*** ${what}`}${order}`;
  const whyUnstarted = status.kind === "unstarted" ? `${status.program}: ${strerror(status.errno)}` : undefined;
  return { whyUnstarted, verdict };
}
