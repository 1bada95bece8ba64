/** How the first make of a report or a timeline hears of sub-makes that are processes: by a file to which each of them adds at its end. */

import { type JobId, jobId, type InvocationId, invocationId } from "../base/ids.js";
import type { MakeEvent, Observer } from "../events/event.js";
import { LineLog } from "../os/line-log.js";
import { temporaryName } from "../os/temporary.js";
import { environmentValue } from "./context.js";

/** The file's name, which lines that run makes have in their environment. */
const VARIABLE = "MPMAKE_REPORT_LOG";

/** An environment without what is for the make itself that is given it. */
export function withoutSubMakeLog(environment: readonly string[]): readonly string[] {
  return environment.filter((entry) => !entry.startsWith(`${VARIABLE}=`));
}

/** What a sub-make does and the first one is to know, until it is told in the end. */
export class SubMakeTeller {
  readonly #path: string;
  readonly #events: MakeEvent[] = [];

  private constructor(path: string) {
    this.#path = path;
  }

  /** undefined: nobody above wants to know. */
  static of(environment: readonly string[]): SubMakeTeller | undefined {
    const path = environmentValue(environment, VARIABLE);
    return path === undefined ? undefined : new SubMakeTeller(path);
  }

  /** For the makes below, which tell the same one. */
  get invitation(): readonly string[] {
    return [`${VARIABLE}=${this.#path}`];
  }

  readonly observe: Observer = (event) => {
    if (isTold(event)) this.#events.push(event);
  };

  tell(): void {
    if (this.#events.length > 0) new LineLog(this.#path).add([JSON.stringify(this.#events)]);
  }
}

/** What sub-makes have told. */
export class SubMakeLog {
  readonly #path: string;
  readonly #log: LineLog;

  constructor(temporaryDirectory: string) {
    this.#path = temporaryName(temporaryDirectory, "mpmake-makes-");
    this.#log = new LineLog(this.#path);
  }

  get invitation(): readonly string[] {
    return [`${VARIABLE}=${this.#path}`];
  }

  /** Hands all of it over, with numbers that no other make of the session has; then it is gone. */
  close(observe: Observer): void {
    let next = FIRST_NUMBER;
    for (const line of this.#log.readOn()) {
      const numbers = new Map<number, number>();
      const fresh = (id: number): number => {
        const number = numbers.get(id) ?? next++;
        numbers.set(id, number);
        return number;
      };
      for (const event of parse(line)) observe(renumbered(event, fresh));
    }
    this.#log.remove();
  }
}

/** More than one process counts to. */
const FIRST_NUMBER = 2 ** 32;

type ToldEvent = Extract<
  MakeEvent,
  { type: "make-began" | "job-planned" | "job-placed" | "job-ended" | "recipe-failed" }
>;

function isTold(event: MakeEvent): event is ToldEvent {
  switch (event.type) {
    case "make-began":
    case "job-planned":
    case "job-placed":
    case "job-ended":
    case "recipe-failed":
      return true;
    case "output":
    case "message":
    case "debug":
    case "make-ended":
    case "node-joined":
    case "node-left-out":
    case "node-back":
      return false;
  }
}

/** A line of ours, as nobody else knows of the file; one that a full disk has cut off counts for nothing. */
function parse(line: string): readonly ToldEvent[] {
  try {
    return JSON.parse(line) as readonly ToldEvent[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}

/** @param fresh - the number that stands for one of the make's own */
function renumbered(event: ToldEvent, fresh: (id: number) => number): ToldEvent {
  const job = (id: JobId): JobId => jobId(fresh(id));
  // Makes and jobs are counted apart.
  const invocation = (id: InvocationId): InvocationId => invocationId(fresh(-1 - id));
  switch (event.type) {
    case "make-began": {
      const above = event.above === undefined ? undefined : job(event.above);
      return { ...event, invocation: invocation(event.invocation), above };
    }
    case "job-planned":
      return { ...event, job: job(event.job), invocation: invocation(event.invocation) };
    case "job-placed":
    case "job-ended":
    case "recipe-failed":
      return { ...event, job: job(event.job) };
  }
}
