/** Who listens to an invocation's events, as the options ask: console, progress, report, timeline. */

import { writeFileSync } from "node:fs";
import type { MakeEvent, Observer } from "../events/event.js";
import type { Annotator } from "../observe/annotator.js";
import { Console, type TextSink } from "../observe/console.js";
import { Progress } from "../observe/progress.js";
import { ReportCollector } from "../observe/report.js";
import { TimelineCollector } from "../observe/timeline.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { monotonicMs, nowMs } from "../os/clock.js";
import { hostError } from "../os/strerror.js";
import { UserError } from "../base/user-error.js";
import type { InvocationContext } from "./context.js";
import { SubMakeLog, SubMakeTeller } from "./sub-make-log.js";
import type { Switches } from "./switches.js";

export interface ObserversRequest {
  readonly context: InvocationContext;
  readonly switches: () => Switches;
  readonly output: TextSink;
  readonly program: string;
  readonly level: number;
  /** Absolute. */
  readonly directory: string;
  /** `--annotate` */
  readonly annotator: Annotator | undefined;
}

export interface Observers {
  readonly console: Console;
  readonly observe: Observer;
  /** Takes what happens in makes below, for progress, report and timeline. */
  readonly watch: Observer;
  /** All output has to pass through us: there is a status line, or it is annotated. */
  readonly passesThrough: boolean;
  /** Output of recipes is kept together here, instead of by `-O`. */
  readonly annotates: boolean;
  /** What lines that run makes are to have in their environment, that we hear of what these do. */
  inviteSubMakes(temporaryDirectory: string): readonly string[];
  /** Puts the status line away and writes the files that were asked for. @throws UserError when one cannot be written */
  finish(status: number): void;
  /** Nothing more will be said. */
  close(): void;
}

/** Sets up all observers. */
export function openObservers(request: ObserversRequest): Observers {
  const { context, directory, annotator } = request;
  const output = annotator ?? request.output;
  const switches = request.switches();
  const columns = annotator === undefined ? context.columns : undefined;
  const progress = switches.has("progress") ? new Progress({ sink: output, nowMs, columns }) : undefined;
  const console = openConsole(request, progress?.isLive === true ? progress : output);
  const annotates = annotator !== undefined;
  const reportFile = switches.value("report");
  const report = reportFile === undefined ? undefined : new ReportCollector();
  const timelineFile = switches.value("traceFile");
  const timeline = timelineFile === undefined ? undefined : new TimelineCollector();
  const startedMs = reportFile === undefined ? 0 : monotonicMs(); // the clock takes a while to load
  const above = context.above?.session;
  const teller = SubMakeTeller.of(context.environment);
  let log: SubMakeLog | undefined;
  const record = (event: MakeEvent): void => {
    report?.observe(event);
    timeline?.observe(event);
    annotator?.observe(event);
    if (above === undefined) teller?.observe(event);
  };
  const watch = (event: MakeEvent): void => {
    progress?.observe(event);
    record(event);
  };
  const observe = (event: MakeEvent): void => {
    watch(event);
    above?.watch(event);
    console.observe(event);
  };
  const inviteSubMakes = (temporaryDirectory: string): readonly string[] => {
    if (reportFile !== undefined || timeline !== undefined || annotates) log ??= new SubMakeLog(temporaryDirectory);
    return (log ?? teller)?.invitation ?? [];
  };
  const finish = (status: number): void => {
    progress?.close();
    log?.close(record);
    teller?.tell();
    if (reportFile !== undefined && report !== undefined) {
      const { jobs = 1 } = request.switches();
      const outputOf = annotator?.outputOf;
      const written = report.finish({ wallMs: monotonicMs() - startedMs, status, jobs, outputOf });
      writeTo(resolveIn(directory, reportFile), `${JSON.stringify(written, undefined, 2)}\n`);
    }
    if (timelineFile !== undefined && timeline !== undefined)
      writeTo(resolveIn(directory, timelineFile), timeline.render());
  };
  const passesThrough = annotates || progress?.isLive === true;
  const close = (): void => annotator?.finish();
  return { console, observe, watch, passesThrough, annotates, inviteSubMakes, finish, close };
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
