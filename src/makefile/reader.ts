/** Reading: the statements of a text are carried out in order. */

import { BUILTIN_LOCATION, MakefileError, type Location } from "../base/location.js";
import { endOfWord, skipBlanks } from "./chars.js";
import { Conditionals } from "./conditionals.js";
import { readDefineBody } from "./define-body.js";
import type { Evaluator } from "./evaluator.js";
import { LineCursor } from "./lines.js";
import type { Origin, VariableScope } from "./model.js";
import { PendingRule } from "./pending-rule.js";
import { beginsAsRecipe, readRuleLine } from "./rule-reader.js";
import { BLANK } from "./parse-statement.js";
import type { RuleSink } from "./rule-sink.js";
import type { Source } from "./source.js";
import type { AssignmentSyntax, ConditionSyntax, DefineSyntax, Modifiers, RuleSyntax, Statement } from "./statement.js";
import type { TargetVariables } from "./target-variables.js";
import { expandVariableName } from "./variable-name.js";
import type { VariableStore } from "./variable-store.js";
import type { Waiting, Waits } from "./waits.js";
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
  include(names: string, options: IncludeOptions): Waiting<void>;
  /** A rule line has been read: `.DEFAULT_GOAL` and targets that act at once. */
  ruleRead(targets: readonly string[]): void;
}

export interface IncludeOptions {
  readonly optional: boolean;
  readonly location: Location | undefined;
  /** Where the included text is expanded. */
  readonly scope: VariableScope;
  readonly waits: Waits | undefined;
}

/** What an `include` line asks for. */
interface Inclusion extends IncludeOptions {
  /** As they are written, expanded. */
  readonly names: string;
}

export interface SourcePlace {
  /** For a file: its name, lines counted from 1. */
  readonly file?: string;
  /** For a text of `$(eval)`: where that stands; all its lines are there. */
  readonly location?: Location | undefined;
  readonly scope: VariableScope;
  /** How statements wait for commands, and includes for files; undefined: with the whole process. */
  readonly waits: Waits | undefined;
}

/** Carries out all statements of `source`. @throws MakefileError */
export function readSource(source: Source, place: SourcePlace, context: ReadingContext): Waiting<void> {
  return new Reading(source, place, context).run();
}

/** The first letters of `ifdef else endif endef define`, and of what may stand before a `define`. */
const COUNTING_STARTS = "iedoup";

class Reading {
  readonly #source: Source;
  readonly #place: SourcePlace;
  readonly #context: ReadingContext;
  readonly #conditionals = new Conditionals();
  readonly #line: LineCursor;
  /** Where the statement being carried out begins. */
  #here: Location | undefined = undefined;
  #pending: PendingRule | undefined = undefined;
  /** The rule read last came to nothing: so do its recipe lines. */
  #noTargets = false;
  #inIgnoredDefine = false;

  constructor(source: Source, place: SourcePlace, context: ReadingContext) {
    this.#source = source;
    this.#place = place;
    this.#context = context;
    this.#line = new LineCursor(source.text);
  }

  *run(): Waiting<void> {
    const { evaluator } = this.#context;
    const { waits } = this.#place;
    const outerLocation = evaluator.location;
    this.#source.readings++;
    while (this.#line.next()) {
      if (this.#isRecipeLine() || this.#isPassedOver()) continue;
      const statement = this.#source.statement(this.#line, this.#context.posix);
      if (statement === BLANK) continue;
      this.#here = this.#location(this.#line.number);
      const inclusion =
        waits === undefined ? this.#carryOut(statement) : yield* waits.carryOut(() => this.#carryOut(statement));
      if (inclusion !== undefined) yield* this.#context.include(inclusion.names, inclusion);
    }
    if (this.#conditionals.isOpen) {
      throw new MakefileError(this.#location(this.#line.lastNumber + 1), "missing 'endif'");
    }
    this.#flush();
    evaluator.location = outerLocation;
  }

  #location(line: number): Location | undefined {
    const { file, location } = this.#place;
    return file === undefined ? location : { file, line };
  }

  /** Takes the line as part of a recipe, where it is one. */
  #isRecipeLine(): boolean {
    const { start, end } = this.#line;
    if (this.#source.text.charCodeAt(start) !== this.#context.recipePrefix.charCodeAt(0)) return false;
    if (this.#noTargets) return true;
    const pending = this.#pending;
    if (pending === undefined) return false;
    if (!this.#conditionals.ignoring) {
      if (pending.hasNoRecipe) pending.begin(this.#location(this.#line.number) ?? BUILTIN_LOCATION);
      pending.addLine(start, end);
    }
    return true;
  }

  /** Whether the line is surely nothing in a part that a conditional leaves out. Only conditionals count there, and `define`s. */
  #isPassedOver(): boolean {
    if (!this.#conditionals.ignoring || this.#line.isJoined) return false;
    const { text } = this.#source;
    return !COUNTING_STARTS.includes(text.charAt(skipBlanks(text, this.#line.start)));
  }

  /** Hands on the rule read last: it is complete. */
  #flush(): void {
    const pending = this.#pending;
    this.#noTargets = false;
    if (pending === undefined) return;
    this.#pending = undefined;
    const statement = pending.statement();
    if (this.#context.isFinished) {
      throw new MakefileError(statement.location, "prerequisites cannot be defined in recipes");
    }
    this.#context.rules.rule(statement);
  }

  /** @returns what is to be read before the next one */
  #carryOut(statement: Statement): Inclusion | undefined {
    this.#context.evaluator.location = this.#here;
    switch (statement.kind) {
      case "assignment":
        if (!this.#conditionals.ignoring) this.#assign(this.#startVariable(statement.name), statement.value, statement);
        return;
      case "rule":
        if (!this.#isIgnored(statement)) this.#rule(statement);
        return;
      case "blank":
        return;
      case "undefine":
      case "define":
        if (!this.#conditionals.ignoring) this.#changeVariable(statement);
        else if (statement.kind === "define") this.#inIgnoredDefine = true;
        return;
      case "if":
      case "else":
      case "endif":
        if (!this.#inIgnoredDefine) this.#conditional(statement);
        return;
      case "export":
      case "vpath":
      case "include":
      case "load":
        return this.#isIgnored() ? undefined : this.#directive(statement);
    }
  }

  #isIgnored(statement?: RuleSyntax): boolean {
    if (this.#inIgnoredDefine) {
      if (statement !== undefined && isEndef(statement.head)) this.#inIgnoredDefine = false;
      return true;
    }
    return this.#conditionals.ignoring;
  }

  #changeVariable(statement: Extract<Statement, { readonly kind: "undefine" | "define" }>): void {
    const name = this.#startVariable(statement.name);
    switch (statement.kind) {
      case "undefine":
        this.#context.store.undefine(name, originOf(statement.modifiers));
        return;
      case "define":
        if (statement.extraText) this.#warn("extraneous text after 'define' directive");
        this.#define(name, statement);
        return;
    }
  }

  /** The variable has its place where its `define` begins; what its expansion says has that of the `endef`. */
  #define(name: string, statement: DefineSyntax): void {
    const body = this.#context.evaluator.once(() => this.#defineBody());
    if (body === undefined) throw new MakefileError(this.#here, "missing 'endef', unterminated 'define'");
    this.#context.evaluator.location = this.#location(this.#line.number);
    this.#assign(name, body, statement);
  }

  /** How lines are read now. */
  get #manner(): Pick<ReadingContext, "posix" | "recipePrefix"> {
    const { recipePrefix, posix } = this.#context;
    return { recipePrefix, posix };
  }

  #defineBody(): string | undefined {
    return readDefineBody(this.#line, {
      ...this.#manner,
      warn: (line, text) => {
        this.#context.evaluator.warn(this.#location(line), text);
      },
    });
  }

  #assign(name: string, text: string, statement: AssignmentSyntax | DefineSyntax): void {
    const { flavor, modifiers } = statement;
    const location = this.#here;
    const origin = originOf(modifiers);
    const variable = this.#context.store.assign({ name, text, flavor, origin, location, scope: this.#place.scope });
    if (modifiers.exported !== undefined) variable.exported = modifiers.exported;
    if (modifiers.isPrivate) variable.isPrivate = true;
  }

  /** A statement about a variable begins: the rule before it is complete. @returns the variable's name */
  #startVariable(name: AssignmentSyntax["name"]): string {
    this.#flush();
    if (typeof name === "string" && name !== "") return name;
    const { evaluator } = this.#context;
    return expandVariableName(name, { evaluator, scope: this.#place.scope, location: this.#here });
  }

  #conditional(statement: Extract<Statement, { readonly kind: "if" | "else" | "endif" }>): void {
    switch (statement.kind) {
      case "if":
        this.#conditionals.begin(() => this.#isTrue(statement.condition));
        return;
      case "else":
        this.#otherwise(statement);
        return;
      case "endif":
        this.#conditionals.end(this.#here);
        if (statement.extraText) this.#warn("extraneous text after 'endif' directive");
        return;
    }
  }

  #otherwise({ condition, extraText }: Extract<Statement, { readonly kind: "else" }>): void {
    const location = this.#here;
    if (condition?.kind === "invalid" && this.#conditionals.nextElseCounts) {
      // as GNU make has it: the bad `else if` is an `else`, and opens a conditional of its own
      this.#conditionals.otherwise(undefined, location);
      this.#conditionals.begin(() => false);
      this.#warn("extraneous text after 'else' directive");
      return;
    }
    // as GNU make has it: behind an `else` with something else behind it another one may follow
    const always = extraText ? (): boolean => true : undefined;
    this.#conditionals.otherwise(condition === undefined ? always : () => this.#isTrue(condition), location);
    if (extraText) this.#warn("extraneous text after 'else' directive");
  }

  #isTrue(condition: ConditionSyntax): boolean {
    switch (condition.kind) {
      case "invalid":
        throw new MakefileError(this.#here, "invalid syntax in conditional");
      case "defined": {
        const [name = "", second] = wordsOf(this.#evaluate(condition.name));
        if (second !== undefined) throw new MakefileError(this.#here, "invalid syntax in conditional");
        const variable = this.#context.evaluator.lookup(name, this.#place.scope);
        return (variable !== undefined && variable.value !== "") === condition.wanted;
      }
      case "equal": {
        const left = this.#evaluate(condition.left);
        if (condition.extraText) this.#warn(`extraneous text after '${condition.directive}' directive`);
        return (left === this.#evaluate(condition.right)) === condition.wanted;
      }
    }
  }

  #directive(
    statement: Extract<Statement, { readonly kind: "export" | "vpath" | "include" | "load" }>,
  ): Inclusion | undefined {
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
        return {
          names: this.#evaluate(statement.names),
          optional: statement.optional,
          location: this.#here,
          scope: this.#place.scope,
          waits: this.#place.waits,
        };
      case "load":
        if (wordsOf(this.#evaluate(statement.names)).length === 0 || statement.optional) return;
        throw new MakefileError(this.#here, "The 'load' operation is not supported on this platform");
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

  #rule(statement: RuleSyntax): void {
    const { evaluator, targets } = this.#context;
    const { recipePrefix, posix } = evaluator.once(() => this.#manner);
    const location = this.#here;
    if (beginsAsRecipe(statement, recipePrefix))
      throw new MakefileError(location, "recipe commences before first target");
    this.#flush();
    const line = readRuleLine(statement, {
      evaluator,
      scope: this.#place.scope,
      host: evaluator.host,
      location,
      recipePrefix,
      posix,
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
        for (const target of line.targets) evaluator.once(() => targets.assign(target, given, this.#place.scope));
        return;
      }
      case "rule":
        this.#pending = new PendingRule({
          head: line,
          location: location ?? BUILTIN_LOCATION,
          recipePrefix,
          text: this.#source.text,
        });
        this.#context.ruleRead(line.targets);
        return;
    }
  }

  #evaluate(expression: AssignmentSyntax["name"]): string {
    return this.#context.evaluator.evaluate(expression, this.#place.scope);
  }

  #evaluateText(text: string): string {
    return this.#context.evaluator.expand(text, this.#place.scope);
  }

  #warn(text: string): void {
    this.#context.evaluator.warn(this.#here, text);
  }
}

function originOf(modifiers: Modifiers): Origin {
  return modifiers.isOverride ? "override" : "file";
}

function isEndef(line: string): boolean {
  const start = skipBlanks(line, 0);
  return line.slice(start, endOfWord(line, start)) === "endef";
}
