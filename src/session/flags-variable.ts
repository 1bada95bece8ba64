/** MAKEFLAGS, MFLAGS and MAKEOVERRIDES as variables: set from the switches, and read back when a makefile assigns them. */

import type { Location } from "../base/location.js";
import type { Language } from "../makefile/language.js";
import type { FlagsAssignment, HeldFlags } from "../makefile/ports.js";
import {
  COMMAND_VARIABLES,
  type CommandVariable,
  EVAL_FLAGS,
  makeflagsWords,
  renderEvals,
  renderFlags,
  renderOverrides,
} from "./makeflags.js";
import { parseArguments } from "./parse-arguments.js";
import type { Switches } from "./switches.js";

export interface FlagsVariableOptions {
  readonly switches: Switches;
  readonly language: () => Language;
  /** Says what is wrong with a value; flags that do not exist are passed over in silence. */
  readonly complain: (text: string) => void;
  /** Where makefiles are looked for, as the switches say by now. */
  readonly includeDirectories: () => readonly string[];
}

export class FlagsVariable {
  readonly #options: FlagsVariableOptions;
  /** Whether an assignment is a user's; our own must not be read back. */
  #isListening = false;

  constructor(options: FlagsVariableOptions) {
    this.#options = options;
  }

  /** Keeps the assignments of the command line, made already, in MAKEOVERRIDES. */
  defineOverrides(names: readonly string[]): void {
    const language = this.#options.language();
    const variables = names.length === 0 ? [] : commandVariables(language, names);
    if (variables.length === 0) return;
    language.define(COMMAND_VARIABLES, renderOverrides(variables), { origin: "automatic", flavor: "simple" });
    if (names.includes("MAKEOVERRIDES")) return;
    const reference = `\${${COMMAND_VARIABLES}}`;
    language.define("MAKEOVERRIDES", reference, { origin: "default", flavor: "recursive" });
  }

  /** Makes the `--eval` texts, carried out by now, known to sub-makes. */
  defineEvals(): void {
    const texts = this.#options.switches.list("evaluate");
    if (texts.length === 0) return;
    this.#options.language().define(EVAL_FLAGS, renderEvals(texts), { origin: "automatic", flavor: "simple" });
  }

  /**
   * Sets MAKEFLAGS and MFLAGS to what the switches say, unless the command line set MAKEFLAGS itself. Once makefiles are read
   * it is theirs whether MAKEFLAGS is exported: one that they unexported or undefined is not.
   */
  define(): void {
    const { language } = this.#options;
    const current = this.#expand("$(origin MAKEFLAGS)");
    const { value, origin } = this.#render();
    const wasListening = this.#isListening;
    this.#isListening = false;
    if (!isUsersOwn(current)) {
      const exported = wasListening ? {} : ({ exported: "export" } as const);
      language().define("MAKEFLAGS", value, { origin, flavor: "recursive", ...exported });
    }
    this.#isListening = wasListening;
  }

  /** From now on assignments to MAKEFLAGS are options; so is what the command line has assigned. */
  listen(): void {
    this.#isListening = true;
    if (this.#expand("$(origin MAKEFLAGS)") === "command line") this.#obey(this.#expand("$(MAKEFLAGS)"), undefined);
  }

  /** MAKEFLAGS was assigned `value`. @returns what it is to hold; undefined: what the user has written */
  assigned(value: string, { origin, location }: FlagsAssignment): HeldFlags | undefined {
    if (!this.#isListening) return undefined;
    this.#obey(value, location);
    const rendered = this.#render();
    return isUsersOwn(origin) ? undefined : rendered;
  }

  /** Takes what the makefiles have put into GNUMAKEFLAGS, which then is empty. */
  takeGnuFlags(): void {
    // Asked for in any case: undefined, it may be warned of.
    const value = this.#expand("$(GNUMAKEFLAGS)");
    if (value !== "") this.#obey(value, undefined);
    this.#options.language().define("GNUMAKEFLAGS", "", { origin: "override", flavor: "simple" });
  }

  #obey(value: string, at: Location | undefined): void {
    const language = this.#options.language();
    const { settings, operands, errors } = parseArguments(makeflagsWords(value));
    language.once(() => {
      for (const { kind, text } of errors) if (kind === "value") this.#options.complain(text);
      this.#options.switches.apply(settings, "makefile");
      this.#options.switches.validate();
      const directories = this.#options.includeDirectories().join(" ");
      language.define(".INCLUDE_DIRS", directories, { origin: "default", flavor: "simple" });
    });
    for (const word of operands) if (ASSIGNMENT.test(word)) language.once(() => language.evaluate(word, at));
  }

  /** Renders both, and sets MFLAGS, which always follows. */
  #render(): HeldFlags {
    const overrides = this.#options.switches.has("environmentOverrides");
    const hasOverrides = this.#expand("$(MAKEOVERRIDES)") !== "";
    const { makeflags, mflags } = renderFlags(this.#options.switches, { hasOverrides });
    const origin = overrides ? "environment override" : "environment";
    this.#options.language().define("MFLAGS", mflags, { origin, flavor: "recursive" });
    return { value: makeflags, origin: overrides ? origin : "file" };
  }

  #expand(text: string): string {
    const language = this.#options.language();
    return language.expand(text, language.globalScope, undefined);
  }
}

/** As GNU make has it, flags that the command line or an `override` gives are obeyed, and stand there as they are written. */
function isUsersOwn(origin: string): boolean {
  return origin === "command line" || origin === "override";
}

const ASSIGNMENT = /^[^\t-\r :+?!=#]+[\t-\r ]*(?::{0,3}|[+?!])=/;

/** The variables in the order in which sub-makes get them: the last one that was made comes first. */
function commandVariables(language: Language, names: readonly string[]): readonly CommandVariable[] {
  const wanted = [...new Set(names)].reverse();
  const byName = new Map(
    [...language.variables()].filter(({ name }) => wanted.includes(name)).map((variable) => [variable.name, variable]),
  );
  return wanted.flatMap((name) => {
    const variable = byName.get(name);
    return variable === undefined ? [] : [{ name, isSimple: !variable.recursive, value: variable.value }];
  });
}
