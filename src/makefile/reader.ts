/** Reading: the statements of a text are carried out in order. */

import { MakefileError, type Location } from "../base/location.js";
import { endOfWord, skipBlanks, trimSpaceAtEnd } from "./chars.js";
import { Conditionals } from "./conditionals.js";
import type { Evaluator } from "./evaluator.js";
import { joinContinuations, removeComment } from "./lines.js";
import type { Origin, VariableScope } from "./model.js";
import { PendingRule } from "./pending-rule.js";
import { beginsAsRecipe, readRuleLine } from "./rule-reader.js";
import type { RuleSink } from "./rule-sink.js";
import type { Source } from "./source.js";
import type { AssignmentSyntax, ConditionSyntax, DefineSyntax, Modifiers, RuleSyntax, Statement } from "./statement.js";
import type { TargetVariables } from "./target-variables.js";
import { expandVariableName } from "./variable-name.js";
import type { VariableStore } from "./variable-store.js";
import { wordsOf } from "./words.js";

/** What reading changes, and what it asks; shared by all texts of one language. */
export interface ReadingContext {
  readonly evaluator: Evaluator;
  readonly store: VariableStore;
  readonly targets: TargetVariables;
  readonly rules: RuleSink;
  /** `.RECIPEPREFIX`, one character. */
  recipePrefix: string;
  /** `.POSIX` was a target. */
  posix: boolean;
  /** `export` and `unexport` without names. */
  exportAll: boolean;
  /** Nothing is left to read but what recipes evaluate: rules come too late. */
  readonly isFinished: boolean;
  include(names: string, options: IncludeOptions): void;
  /** A rule line has been read: `.DEFAULT_GOAL` and targets that act at once. */
  ruleRead(targets: readonly string[]): void;
}

export interface IncludeOptions {
  readonly optional: boolean;
  readonly location: Location | undefined;
  /** Where the included text is expanded. */
  readonly scope: VariableScope;
}

export interface SourcePlace {
  /** For a file: its name, lines counted from 1. */
  readonly file?: string;
  /** For a text of `$(eval)`: where that stands; all its lines are there. */
  readonly location?: Location | undefined;
  readonly scope: VariableScope;
}

/** Carries out all statements of `source`. @throws MakefileError */
export function readSource(source: Source, place: SourcePlace, context: ReadingContext): void {
  new Reading(source, place, context).run();
}

const NO_FILE = "";

class Reading {
  readonly #source: Source;
  readonly #place: SourcePlace;
  readonly #context: ReadingContext;
  readonly #conditionals = new Conditionals();
  #index = 0;
  #pending: PendingRule | undefined = undefined;
  /** The rule read last came to nothing: so do its recipe lines. */
  #noTargets = false;
  #inIgnoredDefine = false;

  constructor(source: Source, place: SourcePlace, context: ReadingContext) {
    this.#source = source;
    this.#place = place;
    this.#context = context;
  }

  run(): void {
    const { evaluator } = this.#context;
    const outerLocation = evaluator.location;
    this.#source.readings++;
    while (this.#index < this.#source.lineCount) {
      const index = this.#index++;
      if (this.#isRecipeLine(index)) continue;
      evaluator.location = this.#location(index);
      this.#carryOut(this.#source.statement(index, this.#context.posix), index);
    }
    if (this.#conditionals.isOpen) {
      throw new MakefileError(this.#endLocation(), "missing 'endif'");
    }
    this.#flush();
    evaluator.location = outerLocation;
  }

  #location(index: number): Location | undefined {
    const { file, location } = this.#place;
    return file === undefined ? location : { file, line: this.#source.lines.numbers[index] ?? 1 };
  }

  /** Behind the last line. */
  #endLocation(): Location | undefined {
    const { file, location } = this.#place;
    return file === undefined ? location : { file, line: this.#source.lines.lineCount + 1 };
  }

  /** Takes the line as part of a recipe, where it is one. */
  #isRecipeLine(index: number): boolean {
    const { recipePrefix } = this.#context;
    if (this.#source.firstCharacter(index) !== recipePrefix.charCodeAt(0)) return false;
    if (this.#noTargets) return true;
    if (this.#pending === undefined) return false;
    if (!this.#conditionals.ignoring) {
      this.#pending.addLine(this.#source.line(index).slice(recipePrefix.length), this.#knownLocation(index));
    }
    return true;
  }

  #knownLocation(index: number): Location {
    return this.#location(index) ?? { file: NO_FILE, line: 0 };
  }

  /** Hands on the rule read last: it is complete. */
  #flush(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#noTargets = false;
    if (pending === undefined) return;
    const statement = pending.statement();
    if (this.#context.isFinished) {
      throw new MakefileError(statement.location, "prerequisites cannot be defined in recipes");
    }
    this.#context.rules.rule(statement);
  }

  #carryOut(statement: Statement, index: number): void {
    switch (statement.kind) {
      case "blank":
        return;
      case "assignment":
      case "undefine":
      case "define":
        if (!this.#conditionals.ignoring) this.#changeVariable(statement, index);
        else if (statement.kind === "define") this.#inIgnoredDefine = true;
        return;
      case "if":
      case "else":
      case "endif":
        if (!this.#inIgnoredDefine) this.#conditional(statement, index);
        return;
      case "export":
      case "vpath":
      case "include":
      case "load":
        if (!this.#isIgnored()) this.#directive(statement, index);
        return;
      case "rule":
        if (!this.#isIgnored(statement)) this.#rule(statement, index);
        return;
    }
  }

  #isIgnored(statement?: RuleSyntax): boolean {
    if (this.#inIgnoredDefine) {
      if (statement !== undefined && isEndef(statement.head)) this.#inIgnoredDefine = false;
      return true;
    }
    return this.#conditionals.ignoring;
  }

  #changeVariable(
    statement: Extract<Statement, { readonly kind: "assignment" | "undefine" | "define" }>,
    index: number,
  ): void {
    this.#flush();
    const name = this.#expandName(statement.name, index);
    switch (statement.kind) {
      case "assignment":
        this.#assign(name, statement.value, statement, index);
        return;
      case "undefine":
        this.#context.store.undefine(name, originOf(statement.modifiers));
        return;
      case "define":
        if (statement.extraText) this.#warn(index, "extraneous text after 'define' directive");
        this.#define(name, statement, index);
        return;
    }
  }

  /** The variable has its place where its `define` begins; what its expansion says has that of the `endef`. */
  #define(name: string, statement: DefineSyntax, index: number): void {
    const body = this.#readBody(index);
    this.#context.evaluator.location = this.#location(this.#index - 1);
    this.#assign(name, body, statement, index);
  }

  #assign(name: string, text: string, statement: AssignmentSyntax | DefineSyntax, index: number): void {
    const { flavor, modifiers } = statement;
    const location = this.#location(index);
    const origin = originOf(modifiers);
    const variable = this.#context.store.assign({ name, text, flavor, origin, location, scope: this.#place.scope });
    if (modifiers.exported !== undefined) variable.exported = modifiers.exported;
    if (modifiers.isPrivate) variable.isPrivate = true;
  }

  #expandName(name: AssignmentSyntax["name"], index: number): string {
    const { evaluator } = this.#context;
    return expandVariableName(name, { evaluator, scope: this.#place.scope, location: this.#location(index) });
  }

  /** The lines of a `define` up to its `endef`, which may hold others. */
  #readBody(defineAt: number): string {
    let body = "";
    let depth = 1;
    for (let first = true; ; first = false) {
      if (this.#index >= this.#source.lineCount) {
        throw new MakefileError(this.#location(defineAt), "missing 'endef', unterminated 'define'");
      }
      const index = this.#index++;
      const line = joinContinuations(this.#source.line(index), this.#context.posix);
      depth += this.#depthChange(line, index);
      if (depth === 0) return body;
      body += first ? line : "\n" + line;
    }
  }

  #depthChange(line: string, index: number): number {
    if (line.startsWith(this.#context.recipePrefix)) return 0;
    const start = skipBlanks(line, 0);
    const end = endOfWord(line, start);
    const word = line.slice(start, end);
    if (word === "define") return 1;
    if (word !== "endef") return 0;
    if (trimSpaceAtEnd(removeComment(line.slice(end))) !== "")
      this.#warn(index, "extraneous text after 'endef' directive");
    return -1;
  }

  #conditional(statement: Extract<Statement, { readonly kind: "if" | "else" | "endif" }>, index: number): void {
    switch (statement.kind) {
      case "if":
        this.#conditionals.begin(() => this.#isTrue(statement.condition, index));
        return;
      case "else":
        this.#otherwise(statement, index);
        return;
      case "endif":
        this.#conditionals.end(this.#location(index));
        if (statement.extraText) this.#warn(index, "extraneous text after 'endif' directive");
        return;
    }
  }

  #otherwise({ condition, extraText }: Extract<Statement, { readonly kind: "else" }>, index: number): void {
    const location = this.#location(index);
    if (condition?.kind === "invalid" && this.#conditionals.nextElseCounts) {
      // as GNU make has it: the bad `else if` is an `else`, and opens a conditional of its own
      this.#conditionals.otherwise(undefined, location);
      this.#conditionals.begin(() => false);
      this.#warn(index, "extraneous text after 'else' directive");
      return;
    }
    this.#conditionals.otherwise(condition === undefined ? undefined : () => this.#isTrue(condition, index), location);
    if (extraText) this.#warn(index, "extraneous text after 'else' directive");
  }

  #isTrue(condition: ConditionSyntax, index: number): boolean {
    switch (condition.kind) {
      case "invalid":
        throw new MakefileError(this.#location(index), "invalid syntax in conditional");
      case "defined": {
        const [name = "", second] = wordsOf(this.#evaluate(condition.name));
        if (second !== undefined) throw new MakefileError(this.#location(index), "invalid syntax in conditional");
        const variable = this.#context.evaluator.lookup(name, this.#place.scope);
        return (variable !== undefined && variable.value !== "") === condition.wanted;
      }
      case "equal": {
        if (condition.extraText) this.#warn(index, `extraneous text after '${condition.directive}' directive`);
        const left = this.#evaluate(condition.left);
        return (left === this.#evaluate(condition.right)) === condition.wanted;
      }
    }
  }

  #directive(
    statement: Extract<Statement, { readonly kind: "export" | "vpath" | "include" | "load" }>,
    index: number,
  ): void {
    this.#flush();
    switch (statement.kind) {
      case "export":
        this.#export(statement);
        return;
      case "vpath": {
        const [pattern, ...directories] = wordsOf(this.#evaluateText(statement.text));
        this.#context.rules.vpath(
          pattern,
          directories.flatMap((list) => list.split(":")).filter((one) => one !== ""),
        );
        return;
      }
      case "include":
        this.#context.include(this.#evaluate(statement.names), {
          optional: statement.optional,
          location: this.#location(index),
          scope: this.#place.scope,
        });
        return;
      case "load":
        if (wordsOf(this.#evaluate(statement.names)).length === 0 || statement.optional) return;
        throw new MakefileError(this.#location(index), "The 'load' operation is not supported on this platform");
    }
  }

  #export(statement: Extract<Statement, { readonly kind: "export" }>): void {
    if (statement.names === undefined) {
      this.#context.exportAll = statement.isExport;
      return;
    }
    const { store } = this.#context;
    for (const name of wordsOf(this.#evaluate(statement.names))) {
      const variable = store.global.own(name) ?? store.define(name, "", { origin: "file", recursive: false });
      variable.exported = statement.isExport ? "export" : "noexport";
    }
  }

  #rule(statement: RuleSyntax, index: number): void {
    const { evaluator, recipePrefix, targets } = this.#context;
    const location = this.#location(index);
    if (beginsAsRecipe(statement, recipePrefix))
      throw new MakefileError(location, "recipe commences before first target");
    this.#flush();
    const line = readRuleLine(statement, {
      evaluator,
      scope: this.#place.scope,
      host: evaluator.host,
      location,
      recipePrefix,
      posix: this.#context.posix,
    });
    switch (line.kind) {
      case "nothing":
        return;
      case "no targets":
        this.#noTargets = true;
        return;
      case "variable": {
        const { name, flavor, value, modifiers } = line.assignment;
        const given = { name, text: value, flavor, modifiers, location };
        for (const target of line.targets) targets.assign(target, given, this.#place.scope);
        return;
      }
      case "rule":
        this.#pending = new PendingRule(line.head, { location: this.#knownLocation(index), recipePrefix });
        this.#context.ruleRead(line.head.targets);
        return;
    }
  }

  #evaluate(expression: AssignmentSyntax["name"]): string {
    return this.#context.evaluator.evaluate(expression, this.#place.scope);
  }

  #evaluateText(text: string): string {
    return this.#context.evaluator.expand(text, this.#place.scope);
  }

  #warn(index: number, text: string): void {
    this.#context.evaluator.warn(this.#location(index), text);
  }
}

function originOf(modifiers: Modifiers): Origin {
  return modifiers.isOverride ? "override" : "file";
}

function isEndef(line: string): boolean {
  const start = skipBlanks(line, 0);
  return line.slice(start, endOfWord(line, start)) === "endef";
}
