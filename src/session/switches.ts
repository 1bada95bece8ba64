/** The options in force in one invocation: what was set, by whom, and who may change it. */

import { MakefileError } from "../base/location.js";
import type { DebugLevel } from "../events/event.js";
import { stripDotSlash } from "../makefile/file-name-list.js";
import { type OptionKey, optionSpec } from "./option-table.js";
import type { Setting } from "./parse-arguments.js";

/** Who sets an option, weakest first: for flags a weaker one changes nothing that a stronger one has set. */
export type SwitchOrigin = "makefile" | "environment" | "command line";

/** How the output of parallel jobs is kept together (`-O`). */
export type OutputSync = "none" | "line" | "target" | "recurse";

/** A number of jobs, or no limit. */
export type JobLimit = number | "infinite";

const STRENGTH: Readonly<Record<SwitchOrigin, number>> = { makefile: 0, environment: 1, "command line": 2 };

/** Lists that hold a value once, however often it is given. */
const UNIQUE: ReadonlySet<OptionKey> = new Set(["includeDirectory", "debug"]);

/** Lists of files or directories: `./` at the front goes away. */
const FILE_NAMES: ReadonlySet<OptionKey> = new Set(["makefile", "oldFile", "newFile", "includeDirectory"]);

export class Switches {
  /** The flag in force of each group, by the group's name. */
  readonly #flags = new Map<string, { readonly key: OptionKey; readonly origin: SwitchOrigin }>();
  readonly #lists = new Map<OptionKey, string[]>();
  readonly #last = new Map<OptionKey, string>();
  #jobs: JobLimit | undefined;
  #jobsOnCommandLine: JobLimit | undefined;
  #load: number | undefined;
  #isBasicToggled = false;
  readonly #levels = new Set<DebugLevel>();
  /** No option has changed since they were put together. */
  #levelsAreCurrent = false;

  /** Takes what was parsed, in order. A makefile sets only what the table allows it to. */
  apply(settings: readonly Setting[], origin: SwitchOrigin): void {
    for (const setting of settings) {
      if (origin !== "makefile" || optionSpec(setting.key).fromMakefile) this.#set(setting, origin);
    }
  }

  #set({ key, value }: Setting, origin: SwitchOrigin): void {
    this.#levelsAreCurrent = false;
    const { kind, group } = optionSpec(key);
    switch (kind) {
      case "flag":
        this.#setFlag(group ?? key, key, origin);
        break;
      case "list":
        this.#append(key, FILE_NAMES.has(key) ? stripDotSlash(value ?? "") : (value ?? "basic"));
        break;
      case "last":
        this.#last.set(key, value ?? DEFAULT_VALUES[key] ?? "");
        break;
      case "count":
        this.#jobs = value === undefined ? "infinite" : Math.min(Number(value), MAX_JOBS);
        if (origin === "command line") this.#jobsOnCommandLine = this.#jobs;
        break;
      case "load":
        this.#load = value === undefined || value === "" ? undefined : leadingNumber(value);
        break;
    }
  }

  #setFlag(group: string, key: OptionKey, origin: SwitchOrigin): void {
    const present = this.#flags.get(group);
    if (present === undefined || STRENGTH[present.origin] <= STRENGTH[origin]) this.#flags.set(group, { key, origin });
  }

  #append(key: OptionKey, value: string): void {
    const list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, [value]);
    else if (!UNIQUE.has(key) || !list.includes(value)) list.push(value);
  }

  /** Whether a flag is on. */
  has(key: OptionKey): boolean {
    return this.#flags.get(optionSpec(key).group ?? key)?.key === key;
  }

  /** Whether an option of any kind is in force. */
  isGiven(key: OptionKey): boolean {
    switch (optionSpec(key).kind) {
      case "flag":
        return this.has(key);
      case "list":
        return this.#lists.has(key);
      case "last":
        return this.#last.has(key);
      case "count":
        return this.#jobs !== undefined;
      case "load":
        return this.#load !== undefined;
    }
  }

  /** Turns a flag on for this make as the command line would, or off. */
  setFlag(key: OptionKey, isOn: boolean): void {
    this.#levelsAreCurrent = false;
    const group = optionSpec(key).group ?? key;
    if (isOn) this.#flags.set(group, { key, origin: "command line" });
    else if (this.has(key)) this.#flags.delete(group);
  }

  /** All values of an option that may be given more than once. */
  list(key: OptionKey): readonly string[] {
    return this.#lists.get(key) ?? [];
  }

  /** The last value of an option of which one counts. */
  value(key: OptionKey): string | undefined {
    return this.#last.get(key);
  }

  /** Sets the value of an option of which one counts; undefined: as if never given. */
  setValue(key: OptionKey, value: string | undefined): void {
    if (value === undefined) this.#last.delete(key);
    else this.#last.set(key, value);
  }

  /** `-j`, as set last by anyone; undefined: never. */
  get jobs(): JobLimit | undefined {
    return this.#jobs;
  }

  setJobs(limit: JobLimit | undefined): void {
    this.#jobs = limit;
  }

  /** `-j` of the command line itself: it makes a sub-make leave its parent's jobserver. */
  get jobsOnCommandLine(): JobLimit | undefined {
    return this.#jobsOnCommandLine;
  }

  /** `-l`; undefined: no limit. */
  get loadLimit(): number | undefined {
    return this.#load;
  }

  /** `-O`. @throws MakefileError for an unknown type */
  get outputSync(): OutputSync {
    return outputSyncOf(this.value("outputSync") ?? "none");
  }

  /** Refuses values that mean nothing. @throws MakefileError */
  validate(): void {
    for (const specification of this.list("debug")) addLevels(new Set(), specification);
    outputSyncOf(this.value("outputSync") ?? "none");
    if (this.debugLevels.size === 0) this.setFlag("debugAll", false);
  }

  /** `-d`, `--debug` and `--trace` together, always the same set, brought up to date. @throws MakefileError for an unknown level */
  get debugLevels(): ReadonlySet<DebugLevel> {
    if (this.#levelsAreCurrent) return this.#levels;
    const levels = new Set<DebugLevel>(this.has("debugAll") ? ALL_LEVELS : []);
    if (this.has("trace")) for (const level of ["print", "why"] as const) levels.add(level);
    for (const specification of this.list("debug")) addLevels(levels, specification);
    this.#levels.clear();
    for (const level of levels) this.#levels.add(level);
    if (this.#isBasicToggled && !this.#levels.delete("basic")) this.#levels.add("basic");
    this.#levelsAreCurrent = true;
    return this.#levels;
  }

  /** From now on the basic debug lines are told, or not any more; the set that others have already changes too. */
  toggleDebug(): ReadonlySet<DebugLevel> {
    this.#isBasicToggled = !this.#isBasicToggled;
    this.#levelsAreCurrent = false;
    return this.debugLevels;
  }
}

const MAX_JOBS = 0x7fffffff;

/** What an option means that came without its optional argument. */
const DEFAULT_VALUES: Partial<Record<OptionKey, string>> = { outputSync: "target", shuffle: "random" };

const ALL_LEVELS: readonly DebugLevel[] = ["basic", "verbose", "implicit", "jobs", "makefile", "print", "why"];

/** What each letter of `--debug` turns on. */
const LEVELS: Readonly<Record<string, readonly DebugLevel[]>> = {
  a: ALL_LEVELS,
  b: ["basic"],
  i: ["basic", "implicit"],
  j: ["jobs"],
  m: ["basic", "makefile"],
  n: [],
  p: ["print"],
  v: ["basic", "verbose"],
  w: ["why"],
};

function outputSyncOf(type: string): OutputSync {
  if (type === "none" || type === "line" || type === "target" || type === "recurse") return type;
  throw new MakefileError(undefined, `unknown output-sync type '${type}'`);
}

/** Adds the levels of `a,verbose …`, where the first letter of each word counts. */
function addLevels(levels: Set<DebugLevel>, specification: string): void {
  let rest = specification;
  do {
    const letter = rest.charAt(0);
    const meant = LEVELS[letter.toLowerCase()];
    if (meant === undefined) throw new MakefileError(undefined, `unknown debug level specification '${rest}'`);
    if (letter.toLowerCase() === "n") levels.clear();
    for (const level of meant) levels.add(level);
    rest = rest.replace(/^[^, ]*[, ]?/, "");
  } while (rest !== "");
}

/** As C's atof: the number that begins the text, 0 when none does. */
function leadingNumber(text: string): number {
  const found = Number.parseFloat(text);
  return Number.isNaN(found) ? 0 : found;
}
