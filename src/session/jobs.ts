/** How many jobs may run, and the jobserver: joined from the make above, or made for those below. */

import { MakefileError } from "../base/location.js";
import type { Console } from "../observe/console.js";
import { Jobserver } from "../os/jobserver.js";
import { HostError } from "../makefile/host.js";
import type { JobLimit, Switches } from "./switches.js";

export interface JobsRequest {
  readonly switches: Switches;
  readonly console: Console;
  /** Absolute. */
  readonly temporaryDirectory: string;
}

/** What the scheduler is given. */
export interface JobSlots {
  /** Infinity for no limit. */
  readonly slots: number;
  readonly jobserver: Jobserver | undefined;
}

/** What came of the jobserver that the make above us offered. Asked again each time that make starts over, it says nothing twice. */
export class JobserverSeat {
  readonly #console: Console;
  readonly #temporaryDirectory: string;
  #joined: { readonly jobserver: Jobserver | undefined; readonly isRefused: boolean } | undefined;

  constructor(console: Console, temporaryDirectory: string) {
    this.#console = console;
    this.#temporaryDirectory = temporaryDirectory;
  }

  /**
   * Takes part in the jobserver that MAKEFLAGS names, unless the command line asks for slots of its own. Called before makefiles
   * are read, as they see the outcome in MAKEFLAGS.
   */
  take(switches: Switches): Jobserver | undefined {
    this.#joined ??= this.#join(switches);
    const { jobserver, isRefused } = this.#joined;
    switches.setValue("jobserverDescriptors", undefined);
    switches.setValue("jobserverAuth", jobserver?.auth);
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
    const jobserver = join(auth, this.#console, this.#temporaryDirectory);
    if (jobserver !== undefined) return { jobserver, isRefused: false };
    this.#console.say("warning: jobserver unavailable: using -j1.  Add '+' to parent make rule.");
    return { jobserver, isRefused: true };
  }
}

/** Decides about slots once makefiles are read, and makes a jobserver where several jobs may run. @throws MakefileError */
export function decideJobs(request: JobsRequest, joined: Jobserver | undefined): JobSlots {
  const { switches, console } = request;
  if (joined !== undefined) return { slots: Infinity, jobserver: joined };
  const limit = switches.jobs ?? 1;
  if (limit === "infinite") return { slots: Infinity, jobserver: undefined };
  if (limit === 1) return { slots: 1, jobserver: undefined };
  const style = styleOf(switches);
  const jobserver = Jobserver.create({ tokens: limit - 1, style, temporaryDirectory: request.temporaryDirectory });
  switches.setValue("jobserverAuth", jobserver.auth);
  console.observe({ type: "debug", level: "jobs", depth: 0, text: `Using jobserver controller ${jobserver.auth}` });
  return { slots: limit, jobserver };
}

function join(auth: string, console: Console, temporaryDirectory: string): Jobserver | undefined {
  if (!auth.startsWith("fifo:") && !/^-?\d+,-?\d+$/.test(auth)) {
    console.say(`invalid --jobserver-auth string '${auth}'`);
    return undefined;
  }
  try {
    const jobserver = Jobserver.join(auth, temporaryDirectory);
    if (jobserver === undefined && auth.startsWith("fifo:")) {
      console.say(`cannot open jobserver ${auth.slice("fifo:".length)}: No such file or directory`);
    }
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
