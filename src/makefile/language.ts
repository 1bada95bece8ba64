/** The language as the rooms above use it: makefiles in, rules and values out. */

import { MakefileError, type Location } from "../base/location.js";
import { skipSpace } from "./chars.js";
import { AUTOMATIC_PARTS, DEFAULT_SUFFIXES, FEATURES, POSIX_VARIABLES, RULE_VARIABLES } from "./builtin-variables.js";
import { exportedEnvironment } from "./environment.js";
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
import { readSource, type ReadingContext } from "./reader.js";
import type { RuleSink } from "./rule-sink.js";
import { runShell } from "./shell.js";
import { Source } from "./source.js";
import { TargetVariables } from "./target-variables.js";
import { VariableStore } from "./variable-store.js";

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
  readonly #evaluator: Evaluator;
  readonly #store: VariableStore;
  readonly #targets: TargetVariables;
  readonly #reader: MakefileReader;
  readonly #context: ReadingContext & { isFinished: boolean };
  /** The default goal that we have chosen; a name, whatever blanks it holds. */
  #firstTarget: string | undefined = undefined;
  #originalShell: string | undefined = undefined;
  #level = 0;
  readonly #originalEnvironment = new Map<string, string>();

  constructor(ports: LanguagePorts) {
    this.#ports = ports;
    const { host, rules, warn, options } = ports;
    this.#evaluator = new Evaluator({
      host,
      warn,
      warnsUndefined: () => options.warnUndefined,
      readText: (text, scope) => {
        readSource(new Source(text), { location: this.#evaluator.location, scope }, this.#context);
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
    this.#targets = new TargetVariables(this.#store, this.#evaluator);
    this.#context = {
      evaluator: this.#evaluator,
      store: this.#store,
      targets: this.#targets,
      rules,
      recipePrefix: "\t",
      posix: false,
      exportAll: false,
      isFinished: false,
      include: (names, given) => {
        this.#reader.include(names, given);
      },
      ruleRead: (targets) => {
        this.#ruleRead(targets);
      },
    };
    this.#reader = new MakefileReader({ host, options, context: this.#context, debug: ports.debug });
  }

  /** Every makefile read or looked for so far, in order. */
  get makefiles(): readonly MakefileRead[] {
    return this.#reader.makefiles;
  }

  /** Sets the variables that every make has. Called before the environment and the command line are taken in. */
  defineBuiltinVariables(): void {
    const { options } = this.#ports;
    const simple = { origin: "default", recursive: false } as const;
    const recursive = { origin: "default", recursive: true } as const;
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
    for (const name of ["MAKEFILE_LIST", ".DEFAULT_GOAL"])
      this.#store.define(name, "", { origin: "file", recursive: false });
    for (const [name, value] of AUTOMATIC_PARTS)
      this.#store.define(name, value, { origin: "automatic", recursive: true });
    if (options.noBuiltinVariables) return;
    this.#store.define(".LIBPATTERNS", "lib%.so lib%.a", recursive);
    for (const [name, value] of RULE_VARIABLES) this.#store.define(name, value, recursive);
  }

  /** `-R` or `-r` came from a makefile: takes back the variables of the built-in rules that nothing has changed. */
  forgetBuiltinVariables(): void {
    for (const [name] of RULE_VARIABLES) {
      if (this.#store.global.own(name)?.origin === "default") this.#store.global.variables.delete(name);
    }
  }

  /** Takes in the environment, `NAME=value` each. SHELL is kept for children, but never becomes make's own. */
  defineEnvironment(entries: readonly string[]): void {
    for (const entry of entries) {
      const equals = entry.indexOf("=");
      if (equals <= 0) continue;
      const name = entry.slice(0, equals);
      const value = entry.slice(equals + 1);
      this.#originalEnvironment.set(name, value);
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
  read(name: string, options: ReadOptions): MakefileRead {
    return this.#guard(() => this.#reader.read(expandTilde(name, this.#ports.host), options));
  }

  /** Does what `text` says (`--eval`). @throws MakefileError */
  evaluate(text: string, location: Location | undefined): void {
    this.#guard(() => {
      readSource(new Source(text), { location, scope: this.globalScope }, this.#context);
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
      ({ name }) => this.#originalEnvironment.get(name) ?? "",
      () => this.#exported(scope, { blamesVariables: false }),
    );
  }

  /** Runs `action`; an expansion that never ends becomes the user's mistake. */
  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof RangeError) || !error.message.includes("call stack")) throw error;
      throw new MakefileError(this.#evaluator.location, "references nest too deeply", { cause: error });
    }
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
