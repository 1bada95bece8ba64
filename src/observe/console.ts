/** Make's own output: prefixes, places, debug lines, and the lines that tell which directory it works in. */

import type { JobId } from "../base/ids.js";
import { messagePrefix, type Location } from "../base/location.js";
import type { DebugLevel, MakeEvent, Printed, Stream } from "../events/event.js";

/** Where text goes; a status line, for one, has to give way first. */
export interface TextSink {
  /** @param job - whose text it is, where that is known */
  write(stream: Stream, text: string | Uint8Array, job?: JobId): void;
  /** Nothing more will be written for this job. */
  end?(job: JobId): void;
}

export interface ConsoleOptions {
  /** What messages begin with: `make`, `make[1]`. */
  readonly program: string;
  /** Absolute; what the Entering and Leaving lines name. */
  readonly directory: string;
  readonly sink: TextSink;
  /** Whether the directory is told (-w); asked at the moment of writing, as a makefile may change it. */
  readonly tellsDirectory: () => boolean;
  /** Which debug lines are shown; asked at the moment of writing. */
  readonly debugLevels: () => ReadonlySet<DebugLevel>;
  /** Put before the directory lines: `# ` when the data base is printed. */
  readonly directoryPrefix: () => string;
}

export class Console {
  readonly #options: ConsoleOptions;
  #group: ((job: JobId) => TextSink | undefined) | undefined;
  #diverted: TextSink | undefined;
  /** What the expansion of a recipe has printed, not written yet. */
  #printed: Printed[] = [];
  /** Where what is printed is kept while something is done aside. */
  #aside: Printed[] | undefined;
  /** Whether an Entering line stands open. */
  #isInside = false;
  #wrapsGroups = false;

  constructor(options: ConsoleOptions) {
    this.#options = options;
  }

  /** Takes what is meant for the user's eyes; other events pass by. */
  readonly observe = (event: MakeEvent): void => {
    switch (event.type) {
      case "output":
        this.write(event.stream, event.text);
        break;
      case "message":
        this.#message(event);
        break;
      case "debug":
        this.#debug(event);
        break;
      case "node-left-out":
        this.write("stderr", `mpmake: node ${event.node} is left out: ${event.reason}\n`);
        break;
      case "node-back":
        this.write("stderr", `mpmake: node ${event.node} answers, and takes jobs\n`);
        break;
      case "make-began":
      case "make-ended":
      case "job-planned":
      case "job-placed":
      case "recipe-failed":
      case "job-ended":
      case "node-joined":
        break;
    }
  };

  /** From now on what belongs to a job goes to its group (`-O`). `wraps`: each group has directory lines of its own. */
  useGroups(group: ((job: JobId) => TextSink | undefined) | undefined, wraps: boolean): void {
    this.#group = group;
    this.#wrapsGroups = wraps;
  }

  /** What is make's own goes there from now on; undefined: where it went before. */
  divertTo(sink: TextSink | undefined): void {
    this.#diverted = sink;
  }

  /** Text that comes of an expansion. Where groups have directory lines it belongs to the group of the job that it is expanded for. */
  print(stream: Stream, text: string): void {
    if (this.#aside !== undefined) this.#aside.push({ stream, text });
    else if (this.#wrapsGroups && this.#diverted === undefined) this.#printed.push({ stream, text });
    else this.write(stream, text);
  }

  /** What the language has to say of a place, wherever that came up; belongs with what is printed. */
  warn(location: Location | undefined, text: string): void {
    this.print("stderr", `${this.#prefix(location)}: ${text}\n`);
  }

  /** Does something; what it prints is added to `printed` instead of being written. */
  aside<T>(act: () => T, printed: Printed[]): T {
    const outer = this.#aside;
    this.#aside = printed;
    try {
      return act();
    } finally {
      this.#aside = outer;
    }
  }

  /** Hands over what was printed since the last time, for the job's group. */
  takePrinted(): readonly Printed[] {
    const printed = this.#printed;
    this.#printed = [];
    return printed;
  }

  /** Writes what was printed, as a group of its own: no job came of it. */
  flushPrinted(): void {
    const printed = this.takePrinted();
    if (printed.length === 0) return;
    const around = this.aroundGroup();
    const { sink } = this.#options;
    if (around !== undefined) sink.write("stdout", around.before);
    for (const { stream, text } of printed) sink.write(stream, text);
    if (around !== undefined) sink.write("stdout", around.after);
  }

  /** Text as it is, of a job or of make itself. */
  write(stream: Stream, text: string | Uint8Array, job?: JobId): void {
    if (job === undefined) this.flushPrinted();
    const group = job === undefined ? undefined : this.#group?.(job);
    if (group === undefined) this.enterDirectory();
    (group ?? this.#diverted ?? this.#options.sink).write(stream, text, job);
  }

  /** Nothing more will be said of a job. */
  end(job: JobId): void {
    this.#options.sink.end?.(job);
  }

  /** A message of make itself, of a job or not. */
  say(text: string, job?: JobId): void {
    this.write("stderr", `${this.#options.program}: ${text}\n`, job);
  }

  /** Tells the directory unless that was done, or is not wanted, or is told group by group. */
  enterDirectory(): void {
    if (this.#isInside || this.#wrapsGroups || !this.#options.tellsDirectory()) return;
    this.#isInside = true;
    this.#options.sink.write("stdout", this.#directoryLine("Entering"));
  }

  /** The counterpart, at the end. */
  leaveDirectory(): void {
    if (!this.#isInside) return;
    this.#isInside = false;
    this.#options.sink.write("stdout", this.#directoryLine("Leaving"));
  }

  /** The lines around a group of a job's output, when they are wanted. */
  readonly aroundGroup = (): { readonly before: string; readonly after: string } | undefined => {
    if (!this.#wrapsGroups || !this.#options.tellsDirectory()) return undefined;
    return { before: this.#directoryLine("Entering"), after: this.#directoryLine("Leaving") };
  };

  #directoryLine(verb: "Entering" | "Leaving"): string {
    const { directory, directoryPrefix, program } = this.#options;
    return `${directoryPrefix()}${program}: ${verb} directory '${directory}'\n`;
  }

  #message({ stream, text, location }: Extract<MakeEvent, { type: "message" }>): void {
    this.write(stream, `${this.#prefix(location)}: ${text}\n`);
  }

  #prefix(location: Location | undefined): string {
    return messagePrefix(location, this.#options.program);
  }

  #debug({ level, depth, text }: Extract<MakeEvent, { type: "debug" }>): void {
    if (this.#options.debugLevels().has(level)) this.write("stdout", `${" ".repeat(depth)}${text}\n`);
  }
}
