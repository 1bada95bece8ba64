/** One reading of the makefiles: a fresh language and rule book, filled from the environment, the command line and the files. */

import { MakefileError } from "../base/location.js";
import { expandTilde, stripDotSlash } from "../makefile/file-name-list.js";
import { Language } from "../makefile/language.js";
import type { MakefileRead } from "../makefile/makefile-read.js";
import type { Waiting } from "../makefile/waits.js";
import { wordsOf } from "../makefile/words.js";
import type { Console } from "../observe/console.js";
import { RuleBook } from "../rules/rule-book.js";
import { environmentValue, type InvocationContext } from "./context.js";
import { FlagsVariable } from "./flags-variable.js";
import { includeDirectories } from "./include-directories.js";
import type { Machine } from "./machine.js";
import { makeflagsWords } from "./makeflags.js";
import type { Switches } from "./switches.js";

export interface ReadingRequest {
  readonly context: InvocationContext;
  readonly switches: Switches;
  /** Goals and assignments. */
  readonly operands: readonly string[];
  readonly machine: Machine;
  readonly console: Console;
  /** How often makefiles were remade and make started over. */
  readonly restarts: number;
  readonly level: number;
  /** The file that stands for `-f -`. */
  readonly stdinFile: () => string;
  /** When others use this process: what has to be waited for is then waited for by whoever drives the reading, or the update. */
  readonly waits: "for recipes" | "always" | undefined;
}

/** Everything known when reading has ended. */
export interface Reading {
  readonly language: Language;
  readonly rules: RuleBook;
  readonly flags: FlagsVariable;
  /** Goals of the command line, none if it named none. */
  readonly goals: readonly string[];
  /** Makefiles that may be remade, in order; with no makefile at all the default names, all missing. */
  readonly makefiles: readonly MakefileRead[];
}

/** The names looked for without -f. */
const DEFAULT_MAKEFILES: readonly string[] = ["GNUmakefile", "makefile", "Makefile"];

/** Reads all makefiles. @throws MakefileError */
export function readMakefiles(request: ReadingRequest): Waiting<Reading> {
  return new Reader(request).read();
}

class Reader {
  readonly #request: ReadingRequest;
  readonly #language: Language;
  readonly #rules: RuleBook;
  readonly #flags: FlagsVariable;

  constructor(request: ReadingRequest) {
    this.#request = request;
    const { console, machine, switches, context } = request;
    const { host } = machine;
    const warn = (location: MakefileError["location"], text: string): void => {
      console.warn(location, text);
    };
    this.#rules = new RuleBook({ host, warn });
    const directories = (): readonly string[] =>
      includeDirectories(switches.list("includeDirectory"), host.directory, home);
    const home = (): string | undefined => environmentValue(context.environment, "HOME");
    this.#language = new Language({
      host,
      rules: this.#rules,
      warn,
      special: { makeflagsAssigned: (value, by) => this.#flags.assigned(value, by) },
      debug: (text) => this.#debug("verbose", text),
      waits: request.waits,
      options: {
        get warnUndefined() {
          return switches.has("warnUndefined");
        },
        get environmentOverrides() {
          return switches.has("environmentOverrides");
        },
        get noBuiltinVariables() {
          return switches.has("noBuiltinVariables");
        },
        get noBuiltinRules() {
          return switches.has("noBuiltinRules");
        },
        get includeDirectories() {
          return directories();
        },
      },
    });
    const complain = (text: string): void => console.say(text);
    this.#flags = new FlagsVariable({
      switches,
      language: () => this.#language,
      complain,
      includeDirectories: directories,
    });
  }

  *read(): Waiting<Reading> {
    const { switches, context } = this.#request;
    const hadBuiltinVariables = !switches.has("noBuiltinVariables");
    this.#language.defineBuiltinVariables();
    this.#language.defineEnvironment(context.environment);
    this.#defineOwnVariables();
    if (!switches.has("noBuiltinRules")) this.#rules.addBuiltinSuffixRules();
    const goals = yield* this.#takeOperands();
    this.#language.takeLevel();
    yield* this.#language.inSteps(() => this.#flags.define());
    yield* this.#language.inSteps(() => this.#flags.listen());
    for (const text of switches.list("evaluate"))
      yield* this.#language.inSteps(() => this.#language.evaluate(text, undefined));
    this.#language.define("MAKEFILE_LIST", "", { origin: "file", flavor: "simple" });
    this.#flags.defineEvals();
    this.#debug("basic", "Reading makefiles...");
    const missingDefaults = yield* this.#readFiles();
    yield* this.#language.inSteps(() => this.#flags.takeGnuFlags());
    if (switches.jobsOnCommandLine !== undefined) switches.setJobs(switches.jobsOnCommandLine);
    if (switches.has("noBuiltinVariables")) {
      switches.setFlag("noBuiltinRules", true);
      if (hadBuiltinVariables) this.#language.forgetBuiltinVariables();
    }
    this.#language.finish();
    yield* this.#language.inSteps(() => this.#restoreAssignments());
    yield* this.#finishRules();
    // Unlike .SILENT, it reaches sub-makes too.
    if (this.#rules.special.speaksOfAll(".IGNORE")) switches.setFlag("ignoreErrors", true);
    const { language } = this;
    return {
      language,
      rules: this.#rules,
      flags: this.#flags,
      goals,
      makefiles: [...language.makefiles, ...missingDefaults],
    };
  }

  get language(): Language {
    return this.#language;
  }

  #defineOwnVariables(): void {
    const { context, restarts, level, machine, switches } = this.#request;
    const language = this.#language;
    const simple = { flavor: "simple" } as const;
    const origin = switches.has("environmentOverrides") ? "environment override" : "environment";
    language.define("MAKELEVEL", String(level), { ...simple, origin, exported: "export" });
    language.define("MAKE_COMMAND", context.argv0, { ...simple, origin: "default" });
    language.define("MAKE", "$(MAKE_COMMAND)", { flavor: "recursive", origin: "default" });
    language.define("CURDIR", machine.host.directory, { ...simple, origin: "file" });
    // By now it is part of MAKEFLAGS; sub-makes are not to take it twice.
    const name = "GNUMAKEFLAGS";
    if (environmentValue(context.environment, name) !== undefined)
      language.define(name, "", { ...simple, origin: "environment", exported: "export" });
    else if (!switches.has("noBuiltinVariables")) language.define(name, "", { flavor: "recursive", origin: "default" });
    const given = environmentValue(context.environment, "MAKE_RESTARTS");
    if (restarts === 0 && given === undefined) return;
    const value = restarts === 0 ? given : String(restarts);
    language.define("MAKE_RESTARTS", value ?? "", { ...simple, origin: "environment", exported: "noexport" });
  }

  /** Makes the assignments, and gives the goals back. */
  *#takeOperands(): Waiting<readonly string[]> {
    const language = this.#language;
    const goals: string[] = [];
    const assigned: string[] = [];
    for (const word of this.#request.operands) {
      if (yield* language.inSteps(() => language.assignFromCommandLine(word)))
        assigned.push(yield* language.inSteps(() => this.#assignedName(word)));
      else goals.push(stripDotSlash(expandTilde(word, this.#request.machine.host)));
    }
    this.#flags.defineOverrides(assigned);
    if (goals.length > 0) language.define("MAKECMDGOALS", goals.join(" "), { origin: "default", flavor: "simple" });
    return goals;
  }

  /** An assignment of the command line that the makefiles undid comes back as if from the environment, as MAKEFLAGS still has it. */
  #restoreAssignments(): void {
    const language = this.#language;
    const flags = language.valueOf("MAKEFLAGS", language.globalScope) ?? "";
    for (const word of makeflagsWords(flags)) {
      const equals = word.indexOf("=");
      if (word.startsWith("-") || equals < 1) continue;
      const isSimple = word.charAt(equals - 1) === ":";
      const name = word.slice(0, isSimple ? equals - 1 : equals);
      if (language.rawValueOf(name, language.globalScope) !== undefined) continue;
      const flavor = isSimple ? "simple" : "recursive";
      language.define(name, word.slice(equals + 1), { origin: "environment", flavor, exported: "export" });
    }
  }

  #assignedName(word: string): string {
    let end = word.indexOf("=");
    while (end > 0 && ":+?! \t".includes(word.charAt(end - 1))) end--;
    return this.#language.expand(word.slice(0, end), this.#language.globalScope, undefined);
  }

  /** @returns the default makefiles when none of them is there, to be remade if there are rules for them */
  *#readFiles(): Waiting<readonly MakefileRead[]> {
    const { switches, machine } = this.#request;
    const language = this.#language;
    const first = yield* language.inSteps(() => language.valueOf("MAKEFILES", language.globalScope));
    for (const name of wordsOf(first ?? "")) {
      yield* language.read(name, { from: "MAKEFILES", optional: true });
    }
    const named = switches.list("makefile");
    if (named.filter((name) => name === "-").length > 1) {
      throw new MakefileError(undefined, "Makefile from standard input specified twice");
    }
    for (const name of named) yield* this.#readNamed(name);
    if (named.length > 0) return [];
    const present = DEFAULT_MAKEFILES.find((name) => machine.host.exists(name));
    if (present === undefined) return DEFAULT_MAKEFILES.map(missingDefault);
    yield* language.read(present, { from: "default" });
    return [];
  }

  *#readNamed(name: string): Waiting<void> {
    const read = yield* this.#language.read(name === "-" ? this.#request.stdinFile() : name, { from: "option" });
    if (read.error !== undefined) this.#request.console.say(`${name}: ${read.error}`);
  }

  *#finishRules(): Waiting<void> {
    const language = this.#language;
    const value = (name: string): string => language.valueOf(name, language.globalScope) ?? "";
    const values = yield* language.inSteps(() => ({
      vpath: value("VPATH"),
      gpath: value("GPATH"),
      libraryPatterns: value(".LIBPATTERNS"),
      ofAll: value(".EXTRA_PREREQS"),
    }));
    this.#rules.finishReading({
      ...values,
      noBuiltinRules: this.#request.switches.has("noBuiltinRules"),
      extraPrerequisites: {
        ofAll: values.ofAll,
        of: (target) => language.ownValueOf(".EXTRA_PREREQS", target),
      },
    });
  }

  #debug(level: "basic" | "verbose", text: string): void {
    this.#request.console.observe({ type: "debug", level, depth: 0, text });
  }
}

function missingDefault(name: string): MakefileRead {
  return { name, from: "default", optional: true, found: false, error: undefined, location: undefined };
}
