/** How many jobs may run, and the jobserver: joined from the make above, or made for those below. */

import { basename } from "node:path";
import { MakefileError } from "../base/location.js";
import type { Console } from "../observe/console.js";
import { resolveIn } from "../os/bytes.js";
import { Jobserver } from "../os/jobserver.js";
import { HostError } from "../makefile/host.js";
import type { JobLimit, Switches } from "./switches.js";
import type { TemporaryDirectory } from "./temporary-directory.js";

export interface JobsRequest {
  readonly switches: Switches;
  readonly console: Console;
  readonly temporary: TemporaryDirectory;
}

/** What the scheduler is given. */
export interface JobSlots {
  /** Infinity for no limit. */
  readonly slots: number;
  readonly jobserver: Jobserver | undefined;
  /** What sub-makes are told of it; undefined: there is none. */
  readonly auth: string | undefined;
}

/** What came of the jobserver that the make above us offered. Asked again each time that make starts over, it says nothing twice. */
export class JobserverSeat {
  readonly #place: SeatPlace;
  readonly #console: Console;
  #joined: { readonly jobserver: Jobserver | undefined; readonly isRefused: boolean } | undefined;

  constructor(console: Console, place: SeatPlace) {
    this.#console = console;
    this.#place = place;
  }

  /**
   * Takes part in the jobserver that MAKEFLAGS names, unless the command line asks for slots of its own. Called before makefiles
   * are read, as they see the outcome in MAKEFLAGS.
   */
  take(switches: Switches): Jobserver | undefined {
    this.#joined ??= this.#join(switches);
    const { jobserver, isRefused } = this.#joined;
    switches.setValue("jobserverDescriptors", undefined);
    if (jobserver === undefined) switches.setValue("jobserverAuth", undefined);
    if (isRefused) switches.setJobs(1);
    return jobserver;
  }

  #join(switches: Switches): { readonly jobserver: Jobserver | undefined; readonly isRefused: boolean } {
    const auth = switches.value("jobserverAuth") ?? switches.value("jobserverDescriptors");
    if (auth === undefined) return { jobserver: undefined, isRefused: false };
    if (switches.jobsOnCommandLine !== undefined) {
      const count = limitText(switches.jobsOnCommandLine);
      this.#console.say(`warning: -j${count} forced in submake: resetting jobserver mode.`);
      return { jobserver: undefined, isRefused: false };
    }
    const jobserver = join(auth, this.#console, this.#place);
    if (jobserver !== undefined) return { jobserver, isRefused: false };
    this.#console.say("warning: jobserver unavailable: using -j1.  Add '+' to parent make rule.");
    return { jobserver, isRefused: true };
  }
}

/** Decides about slots once makefiles are read, and makes a jobserver where several jobs may run. @throws MakefileError */
export function decideJobs(request: JobsRequest, joined: Jobserver | undefined): JobSlots {
  const { switches, console } = request;
  if (joined !== undefined) return { slots: Infinity, jobserver: joined, auth: switches.value("jobserverAuth") };
  const limit = switches.jobs ?? 1;
  if (limit === "infinite") return { slots: Infinity, jobserver: undefined, auth: undefined };
  if (limit === 1) return { slots: 1, jobserver: undefined, auth: undefined };
  const { path, name } = request.temporary;
  const jobserver = Jobserver.create({ tokens: limit - 1, style: styleOf(switches), temporaryDirectory: path });
  const isFifo = jobserver.auth.startsWith(FIFO);
  const auth = isFifo ? `${FIFO}${name}/${basename(jobserver.auth)}` : jobserver.auth;
  console.observe({ type: "debug", level: "jobs", depth: 0, text: `Using jobserver controller ${auth}` });
  return { slots: limit, jobserver, auth };
}

const FIFO = "fifo:";

export interface SeatPlace {
  /** Where relative names of FIFOs start. */
  readonly directory: string;
  /** Where short-lived files go. */
  readonly temporaryDirectory: string;
  /** Of the make above, if it is in this process. */
  readonly above: Jobserver | undefined;
}

function join(
  auth: string,
  console: Console,
  { directory, temporaryDirectory, above }: SeatPlace,
): Jobserver | undefined {
  const isFifo = auth.startsWith(FIFO);
  if (!isFifo && !/^-?\d+,-?\d+$/.test(auth)) {
    console.say(`invalid --jobserver-auth string '${auth}'`);
    return undefined;
  }
  try {
    const name = auth.slice(FIFO.length);
    const place = isFifo ? FIFO + resolveIn(directory, name) : auth;
    if (above?.auth === place) return above.share();
    const jobserver = Jobserver.join(place, temporaryDirectory);
    if (jobserver === undefined && isFifo) console.say(`cannot open jobserver ${name}: No such file or directory`);
    return jobserver;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    console.say(`cannot open jobserver ${error.path}: ${error.message}`);
    return undefined;
  }
}

function styleOf(switches: Switches): "fifo" | "pipe" {
  const style = switches.value("jobserverStyle") ?? "fifo";
  if (style === "fifo" || style === "pipe") return style;
  throw new MakefileError(undefined, `unknown jobserver auth style '${style}'`);
}

function limitText(limit: JobLimit): string {
  return limit === "infinite" ? "0" : String(limit);
}
