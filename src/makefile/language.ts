/** The language as the rooms above use it: makefiles in, rules and values out. */

import { MakefileError, type Location } from "../base/location.js";
import { skipSpace } from "./chars.js";
import {
  COMMON_VARIABLES,
  DEFAULT_SUFFIXES,
  FEATURES,
  POSIX_VARIABLES,
  RULE_VARIABLES,
  VARIABLES_OF_RULES,
} from "./builtin-variables.js";
import { byName, exportedEnvironment } from "./environment.js";
import { Evaluator } from "./evaluator.js";
import type { Expander, Scope } from "./expander.js";
import { expandTilde, parseFileNames } from "./file-name-list.js";
import type { Host, Warn } from "./host.js";
import { MakefileReader } from "./makefile-reader.js";
import type { MakefileOrigin, MakefileRead } from "./makefile-read.js";
import type { ExportState, Origin, Variable, VariableScope } from "./model.js";
import { parseDefinition } from "./parse-assignment.js";
import { isPattern } from "./pattern.js";
import type { SpecialVariables } from "./ports.js";
import { readSource, type ReadingContext, type SourcePlace } from "./reader.js";
import type { RuleSink } from "./rule-sink.js";
import { runShell } from "./shell.js";
import { Source } from "./source.js";
import { TargetVariables } from "./target-variables.js";
import { VariableStore } from "./variable-store.js";
import { inOneGo, inSteps, patientHost, type Waiting, Waits } from "./waits.js";

/** Owned and changed by the session while it reads MAKEFLAGS; looked at whenever it matters. */
export interface LanguageOptions {
  readonly warnUndefined: boolean;
  /** `-e` */
  readonly environmentOverrides: boolean;
  /** `-R` */
  readonly noBuiltinVariables: boolean;
  /** `-r` */
  readonly noBuiltinRules: boolean;
  /** `-I` directories, then the default ones. */
  readonly includeDirectories: readonly string[];
}

export interface LanguagePorts {
  readonly host: Host;
  readonly rules: RuleSink;
  readonly warn: Warn;
  readonly special: SpecialVariables;
  readonly options: LanguageOptions;
  /** Hears what `-d` says of each makefile. */
  readonly debug?: (text: string) => void;
  /** When others use this process, so that what has to be waited for is waited for outside (makefile/waits.ts): as recipes run, or always. */
  readonly waits?: "for recipes" | "always" | undefined;
}

/** For variables that the session sets. */
export interface DefinitionOptions {
  readonly origin: Origin;
  readonly flavor: "recursive" | "simple";
  readonly exported?: ExportState;
}

export interface ReadOptions {
  readonly from: MakefileOrigin;
  /** Nothing is wrong when it is missing. */
  readonly optional?: boolean;
}

export class Language implements Expander {
  readonly #ports: LanguagePorts;
  readonly #waits: Waits | undefined;
  readonly #evaluator: Evaluator;
  readonly #store: VariableStore;
  readonly #targets: TargetVariables;
  readonly #reader: MakefileReader;
  readonly #context: ReadingContext & { isFinished: boolean };
  /** The default goal that we have chosen; a name, whatever blanks it holds. */
  #firstTarget: string | undefined = undefined;
  #originalShell: string | undefined = undefined;
  #level = 0;
  #entries: readonly string[] = [];
  /** By name, once anybody asks. */
  #originalEnvironment: ReadonlyMap<string, string> | undefined = undefined;

  constructor(ports: LanguagePorts) {
    this.#ports = ports;
    const { rules, options } = ports;
    const waits = ports.waits === undefined ? undefined : new Waits(ports.host);
    const host = waits === undefined ? ports.host : patientHost(ports.host, waits);
    const warn: Warn =
      waits === undefined ? ports.warn : (location, text) => waits.step(() => ports.warn(location, text));
    this.#waits = waits;
    this.#evaluator = new Evaluator({
      host,
      warn,
      waits,
      warnsUndefined: () => options.warnUndefined,
      readText: (text, scope) => {
        this.#readText(text, { location: this.#evaluator.location, scope, waits });
      },
      runShell: (script, scope) =>
        runShell(script, scope, {
          evaluator: this.#evaluator,
          store: this.#store,
          environment: (within) => this.#shellEnvironment(within),
        }),
      variableNames: () => [...this.#store.global.variables.keys()].join(" "),
    });
    this.#store = new VariableStore({
      evaluator: this.#evaluator,
      environmentOverrides: () => options.environmentOverrides,
      changed: (variable) => {
        this.#variableChanged(variable);
      },
    });
    this.#targets = new TargetVariables(this.#store, this.#evaluator, waits);
    this.#context = {
      evaluator: this.#evaluator,
      store: this.#store,
      targets: this.#targets,
      rules,
      recipePrefix: "\t",
      posix: false,
      exportAll: false,
      isFinished: false,
      include: (names, given) => this.#reader.include(names, given),
      ruleRead: (targets) => {
        this.#ruleRead(targets);
      },
    };
    this.#reader = new MakefileReader({ host: ports.host, options, context: this.#context, debug: ports.debug });
  }

  /** Every makefile read or looked for so far, in order. */
  get makefiles(): readonly MakefileRead[] {
    return this.#reader.makefiles;
  }

  /** Sets the variables that every make has. Called before the environment and the command line are taken in. */
  defineBuiltinVariables(): void {
    const { options } = this.#ports;
    const simple = { origin: "default", recursive: false } as const;
    const set = (name: string, value: string): Variable => this.#store.define(name, value, simple);
    set("MAKE_VERSION", "4.4.1");
    set("MAKE_HOST", "x86_64-pc-linux-gnu");
    set(".FEATURES", FEATURES);
    set(".INCLUDE_DIRS", options.includeDirectories.join(" "));
    set(".VARIABLES", "");
    set(".LOADED", "");
    set(".SHELLFLAGS", "-c");
    set(".RECIPEPREFIX", "");
    set("MAKEFILES", "");
    set("SHELL", "/bin/sh");
    set("SUFFIXES", options.noBuiltinRules ? "" : DEFAULT_SUFFIXES);
    this.#store.begin(COMMON_VARIABLES);
    if (!options.noBuiltinVariables) this.#store.begin(VARIABLES_OF_RULES);
  }

  /** `-R` or `-r` came from a makefile: takes back the variables of the built-in rules that nothing has changed. */
  forgetBuiltinVariables(): void {
    for (const [name] of RULE_VARIABLES) {
      if (this.#store.global.own(name)?.origin === "default") this.#store.global.variables.delete(name);
    }
  }

  /** Takes in the environment, `NAME=value` each. SHELL is kept for children, but never becomes make's own. */
  defineEnvironment(entries: readonly string[]): void {
    this.#entries = entries;
    for (const entry of entries) {
      const equals = entry.indexOf("=");
      if (equals <= 0) continue;
      const name = entry.slice(0, equals);
      const value = entry.slice(equals + 1);
      if (name === "SHELL") {
        this.#originalShell = value;
        this.#store.define("SHELL", "/bin/sh", { origin: "file", recursive: true });
      } else
        this.#store.define(name, value, {
          origin: this.#originInEnvironment(name),
          recursive: true,
          exported: "export",
        });
    }
  }

  /** Under -e the environment has overridden what is built in, as later it does what makefiles say. */
  #originInEnvironment(name: string): Origin {
    const { environmentOverrides } = this.#ports.options;
    return environmentOverrides && this.#store.global.own(name)?.origin === "default"
      ? "environment override"
      : "environment";
  }

  /** Sets a variable of the session's: MAKEFLAGS, MAKELEVEL, CURDIR … */
  define(name: string, value: string, { origin, flavor, exported }: DefinitionOptions): void {
    this.#store.define(name, value, { origin, recursive: flavor === "recursive", exported });
  }

  /** Takes MAKELEVEL as it is now, before any makefile is read, for the depth of this make. */
  takeLevel(): void {
    const level = Number.parseInt(this.valueOf("MAKELEVEL", this.globalScope) ?? "", 10);
    this.#level = Number.isNaN(level) ? 0 : level;
  }

  /** Does what `VAR=x` in any flavor on the command line says. @returns false when the word is no assignment */
  assignFromCommandLine(word: string): boolean {
    const definition = parseDefinition(word, 0);
    if (definition === undefined) return false;
    const name = this.#evaluator.expand(definition.name, this.globalScope);
    if (name === "") throw new MakefileError(undefined, "empty variable name");
    const { flavor, valueAt } = definition;
    const request = {
      name,
      text: word.slice(skipSpace(word, valueAt)),
      flavor,
      origin: "command line",
      location: undefined,
    } as const;
    this.#store.assign({ ...request, scope: this.globalScope });
    return true;
  }

  /** Reads a makefile and does what it says. @throws MakefileError */
  *read(name: string, options: ReadOptions): Waiting<MakefileRead> {
    try {
      const waits = this.#ports.waits === "always" ? this.#waits : undefined;
      return yield* this.#reader.read(expandTilde(name, this.#ports.host), { ...options, waits });
    } catch (error) {
      throw this.#understood(error);
    }
  }

  /** Does what `text` says (`--eval`). @throws MakefileError */
  evaluate(text: string, location: Location | undefined): void {
    this.#guard(() => {
      this.#readText(text, { location, scope: this.globalScope, waits: this.#waits });
    });
  }

  /** The end of reading: from now on recipes cannot make rules. */
  finish(): void {
    this.#context.isFinished = true;
  }

  /** The goal to make when none is given. @throws MakefileError when the makefile names several */
  defaultGoal(): string | undefined {
    const value = this.valueOf(".DEFAULT_GOAL", this.globalScope) ?? "";
    if (value === this.#firstTarget) return value;
    const options = { host: this.#ports.host, expandGlobs: true, stripDotSlash: true, waits: false };
    const [goal, second] = parseFileNames(value, options);
    if (second !== undefined) throw new MakefileError(undefined, ".DEFAULT_GOAL contains more than one target");
    return goal?.name;
  }

  /** The variables set for all targets, in the order of their first setting (`-p`). */
  variables(): Iterable<Variable> {
    return this.#store.global.variables.values();
  }

  /** The variables set for patterns (`-p`). */
  patternVariables(): Iterable<{ readonly pattern: string; readonly variable: Variable }> {
    return this.#targets.patternVariables();
  }

  /** The targets for which variables are set (`-p`). */
  targetsWithVariables(): Iterable<string> {
    return this.#targets.targets();
  }

  /** The variables set for one target (`-p`). */
  variablesOf(target: string): Iterable<Variable> {
    return this.#targets.ownOf(target);
  }

  get globalScope(): VariableScope {
    return this.#store.global;
  }

  targetScope(target: string, wantedBy?: Scope): Scope {
    return this.#targets.scopeOf(target, wantedBy as VariableScope | undefined);
  }

  hasOwnVariables(target: string): boolean {
    return this.#targets.hasOwn(target);
  }

  ownValueOf(name: string, target: string): string | undefined {
    const own = [...this.#targets.ownOf(target)];
    if (own.length === 0) return undefined;
    return own.some((variable) => variable.name === name) ? this.valueOf(name, this.targetScope(target)) : "";
  }

  expand(text: string, scope: Scope, at: Location | undefined): string {
    return text.includes("$") ? this.#guard(() => this.#evaluator.expandAt(text, scope as VariableScope, at)) : text;
  }

  valueOf(name: string, scope: Scope, at?: Location): string | undefined {
    const variable = this.#evaluator.lookup(name, scope as VariableScope);
    if (variable === undefined) return undefined;
    return this.#guard(() => this.#evaluator.valueAt(variable, scope as VariableScope, at));
  }

  inSteps<T>(act: () => T): Waiting<T> {
    return inSteps(this.#waits, act);
  }

  once<T>(act: () => T): T {
    return this.#evaluator.once(act);
  }

  isDefault(name: string, scope: Scope): boolean {
    return this.#evaluator.lookup(name, scope as VariableScope)?.origin === "default";
  }

  rawValueOf(name: string, scope: Scope): string | undefined {
    return this.#evaluator.lookup(name, scope as VariableScope)?.value;
  }

  environment(scope: Scope): readonly string[] {
    return this.#guard(() => this.#exported(scope as VariableScope, { blamesVariables: true }));
  }

  #exported(scope: VariableScope, blame: { readonly blamesVariables: boolean }): readonly string[] {
    return exportedEnvironment(scope, {
      ...blame,
      evaluator: this.#evaluator,
      // the special target counts once all is read
      exportAll:
        this.#context.exportAll ||
        (this.#context.isFinished && this.#ports.rules.isSpecialSet(".EXPORT_ALL_VARIABLES")),
      originalShell: this.#originalShell,
      level: this.#level,
    });
  }

  /** A variable whose value needs the very command has the value from our own environment there. */
  #shellEnvironment(scope: VariableScope): readonly string[] {
    return this.#evaluator.withFallback(
      ({ name }) => (this.#originalEnvironment ??= byName(this.#entries)).get(name) ?? "",
      () => this.#exported(scope, { blamesVariables: false }),
    );
  }

  /** With all that it includes. A statement that has the text waits for what that waits for. */
  #readText(text: string, place: SourcePlace): void {
    const { waits } = place;
    if (waits?.trail === undefined)
      inOneGo(readSource(new Source(text), { ...place, waits: undefined }, this.#context));
    else waits.goOn(waits.step(() => readSource(new Source(text), place, this.#context)));
  }

  /** Runs `action`; an expansion that never ends becomes the user's mistake. */
  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.#understood(error);
    }
  }

  #understood(error: unknown): unknown {
    if (!(error instanceof RangeError) || !error.message.includes("call stack")) return error;
    return new MakefileError(this.#evaluator.location, "references nest too deeply", { cause: error });
  }

  #variableChanged(variable: Variable): void {
    if (variable.name === ".RECIPEPREFIX") this.#context.recipePrefix = variable.value.charAt(0) || "\t";
    else if (variable.name === "MAKEFLAGS") {
      const { location } = this.#evaluator;
      const value = this.#evaluator.valueOf(variable, this.globalScope);
      const held = this.#ports.special.makeflagsAssigned(value, { origin: variable.origin, location });
      if (held === undefined) return;
      variable.value = held.value;
      variable.origin = held.origin;
      variable.recursive = true;
      variable.compiled = undefined;
    }
  }

  #ruleRead(targets: readonly string[]): void {
    if (targets.includes(".POSIX")) {
      this.#context.posix = true;
      for (const [name, value] of POSIX_VARIABLES)
        this.#store.define(name, value, { origin: "default", recursive: true });
    }
    if (!this.#reader.takesGoals || this.#store.global.own(".DEFAULT_GOAL")?.value !== "") return;
    const goal = targets.find((name) => !isPattern(name) && (!name.startsWith(".") || name.includes("/")));
    if (goal === undefined || targets.some(isPattern)) return;
    this.#firstTarget = goal;
    this.#store.define(".DEFAULT_GOAL", goal, { origin: "file", recursive: false, location: this.#evaluator.location });
  }
}
