/** The makefiles as goals: which of them are to be remade, what is said when that fails, and whether to start over. */

import type { MakeEvent, Observer } from "../events/event.js";
import type { GoalOutcome, GoalRequest, Outcome } from "../graph/outcome.js";
import type { Location } from "../base/location.js";
import type { MakefileRead } from "../makefile/makefile-read.js";
import type { RuleBook } from "../rules/rule-book.js";

/** What comes after the makefiles have been remade as far as they could. */
export type RemadeVerdict = "start over" | "go on" | "failed";

type Message = Extract<MakeEvent, { type: "message" }>;

export class MakefileGoals {
  /** As often as they were asked for. */
  readonly #makefiles: readonly MakefileRead[];
  /** Those that are goals, in that order. */
  readonly #goals: readonly MakefileRead[];
  /** Those that rules would make each time, and are therefore left alone. */
  readonly #leftAlone: ReadonlySet<string>;
  readonly #observe: Observer;
  /** Missing makefiles of which that has not been said. */
  readonly #unsaid: Set<string>;

  /** @param observe - what is to be told the user */
  constructor(makefiles: readonly MakefileRead[], rules: RuleBook, observe: Observer) {
    const names = makefiles.map(({ name }) => name);
    this.#leftAlone = new Set(names.filter((name) => !mayBeRemade(name, rules)));
    this.#makefiles = makefiles;
    this.#goals = makefiles.filter(({ name }) => !this.#leftAlone.has(name));
    this.#observe = observe;
    const missing = makefiles.filter((makefile) => isMissed(makefile) && makefile.from === "include");
    this.#unsaid = new Set(missing.map(({ name }) => name));
  }

  /** One for each time a makefile was asked for. */
  get requests(): readonly GoalRequest[] {
    return this.#goals.map(({ name, optional, error }) => ({
      name,
      dontCare: optional,
      unreadable: isUnreadable(error),
    }));
  }

  /** An error is about to be told, of the first of these names, which is made for the next one and so on. The last missing makefile of them is told. */
  explainFailure(names: readonly string[]): void {
    const name = names.findLast((each) => this.#unsaid.has(each));
    if (name !== undefined) this.#sayMissing(name);
  }

  /** Judges the outcome, and says what was not made. */
  judge(outcome: Outcome): RemadeVerdict {
    const failed = this.#goals.filter(({ optional }, i) => !optional && outcome.goals[i]?.status === "failed");
    const isCutShort = outcome.stopped && outcome.status === "failed";
    if (!isCutShort)
      for (const { name, location } of failed) this.#say(location, `Failed to remake makefile '${name}'.`);
    if (!isCutShort && outcome.goals.some((goal, i) => isRemade(goal, this.#goals[i]?.optional === true)))
      return "start over";
    const missed = [...this.#leftAlone].filter((name) => this.#unsaid.has(name));
    for (const name of missed) this.#sayMissing(name);
    return isCutShort || failed.length > 0 || missed.length > 0 ? "failed" : "go on";
  }

  #sayMissing(name: string): void {
    this.#unsaid.delete(name);
    const first = this.#makefiles.find((makefile) => makefile.name === name);
    this.#say(first?.location, `${name}: ${first?.error ?? "No such file or directory"}`);
  }

  #say(location: Location | undefined, text: string): void {
    const message: Message = { type: "message", stream: "stderr", text };
    this.#observe(location === undefined ? message : { ...message, location });
  }
}

/** Not phony, and not of a `::` rule that would run each time. */
function mayBeRemade(name: string, rules: RuleBook): boolean {
  if (rules.special.names(".PHONY", name)) return false;
  return !rules.explicit
    .of(name)
    .some((rule) => rule.doubleColon && rule.recipe !== undefined && rule.groups.length === 0);
}

/** One whose recipe failed after it had changed it is remade too, where it was asked for in earnest. */
function isRemade({ status, changed, exists }: GoalOutcome, optional: boolean): boolean {
  return (status === "success" || (status === "failed" && !optional)) && changed && exists;
}

function isMissed({ found, optional }: MakefileRead): boolean {
  return !found && !optional;
}

/** Something else is wrong than that there is no such file. */
function isUnreadable(error: string | undefined): boolean {
  return error !== undefined && error !== "No such file or directory";
}
