/** Who listens to an invocation's events, as the options ask: console, progress, report, timeline. */

import { writeFileSync } from "node:fs";
import type { MakeEvent, Observer } from "../events/event.js";
import { Console, type TextSink } from "../observe/console.js";
import { Progress } from "../observe/progress.js";
import { ReportCollector } from "../observe/report.js";
import { TimelineCollector } from "../observe/timeline.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { monotonicMs, nowMs } from "../os/clock.js";
import { hostError } from "../os/strerror.js";
import { UserError } from "../base/user-error.js";
import type { InvocationContext } from "./context.js";
import type { Switches } from "./switches.js";

export interface ObserversRequest {
  readonly context: InvocationContext;
  readonly switches: () => Switches;
  readonly output: TextSink;
  readonly program: string;
  readonly level: number;
  /** Absolute. */
  readonly directory: string;
}

export interface Observers {
  readonly console: Console;
  readonly observe: Observer;
  /** All output has to pass through us, as there is a status line. */
  readonly passesThrough: boolean;
  /** Puts the status line away and writes the files that were asked for. @throws UserError when one cannot be written */
  finish(status: number): void;
}

/** Sets up all observers. */
export function openObservers(request: ObserversRequest): Observers {
  const { context, output, directory } = request;
  const switches = request.switches();
  const progress = switches.has("progress")
    ? new Progress({ sink: output, nowMs, columns: context.columns })
    : undefined;
  const console = openConsole(request, progress?.isLive === true ? progress : output);
  const report = new ReportCollector();
  const reportFile = switches.value("report");
  const timelineFile = switches.value("traceFile");
  const timeline = timelineFile === undefined ? undefined : new TimelineCollector();
  const startedMs = reportFile === undefined ? 0 : monotonicMs(); // the clock takes a while to load
  const observe = (event: MakeEvent): void => {
    progress?.observe(event);
    if (reportFile !== undefined) report.observe(event);
    timeline?.observe(event);
    console.observe(event);
  };
  const finish = (status: number): void => {
    progress?.close();
    if (reportFile !== undefined) {
      const text = JSON.stringify(report.finish(monotonicMs() - startedMs, status), undefined, 2);
      writeTo(resolveIn(directory, reportFile), `${text}\n`);
    }
    if (timelineFile !== undefined && timeline !== undefined)
      writeTo(resolveIn(directory, timelineFile), timeline.render());
  };
  return { console, observe, passesThrough: progress?.isLive ?? false, finish };
}

function openConsole({ switches, program, level, directory }: ObserversRequest, sink: TextSink): Console {
  return new Console({
    program,
    directory,
    sink,
    tellsDirectory: () => tellsDirectory(switches(), level),
    debugLevels: () => switches().debugLevels,
    directoryPrefix: () => (switches().has("printDataBase") ? "# " : ""),
  });
}

/** -w, which -C and being a sub-make turn on unless -s is given. */
function tellsDirectory(switches: Switches, level: number): boolean {
  if (switches.has("printDirectory")) return true;
  if (switches.has("noPrintDirectory") || switches.has("silent")) return false;
  return level > 0 || switches.list("directory").length > 0;
}

function writeTo(path: string, text: string): void {
  try {
    writeFileSync(toPath(path), text);
  } catch (error) {
    throw new UserError(`${path}: ${hostError(error, path).message}`, { cause: error });
  }
}
