/** The makefiles as goals: which of them are to be remade, what is said when that fails, and whether to start over. */

import type { MakeEvent, Observer } from "../events/event.js";
import type { GoalOutcome, GoalRequest, Outcome } from "../graph/update.js";
import type { MakefileRead } from "../makefile/makefile-read.js";
import type { RuleBook } from "../rules/rule-book.js";

/** What comes after the makefiles have been remade as far as they could. */
export type RemadeVerdict = "start over" | "go on" | "failed";

type Message = Extract<MakeEvent, { type: "message" }>;

export class MakefileGoals {
  readonly #makefiles: ReadonlyMap<string, MakefileRead>;
  /** Those that rules would make each time, and are therefore left alone. */
  readonly #leftAlone: ReadonlySet<string>;
  readonly #observe: Observer;
  /** Missing makefiles of which that has not been said. */
  readonly #unsaid: Set<string>;

  /** @param observe - what is to be told the user */
  constructor(makefiles: readonly MakefileRead[], rules: RuleBook, observe: Observer) {
    this.#makefiles = byName(makefiles);
    this.#leftAlone = new Set([...this.#makefiles.keys()].filter((name) => !mayBeRemade(name, rules)));
    this.#observe = observe;
    const missing = [...this.#makefiles.values()].filter(
      (makefile) => isMissed(makefile) && makefile.from === "include",
    );
    this.#unsaid = new Set(missing.map(({ name }) => name));
  }

  get requests(): readonly GoalRequest[] {
    return [...this.#makefiles.values()]
      .filter(({ name }) => !this.#leftAlone.has(name))
      .map(({ name, optional, error }) => ({ name, dontCare: optional, unreadable: isUnreadable(error) }));
  }

  /** To stand between the update and the user: an error is preceded by why the makefile was wanted. */
  readonly pass: Observer = (event) => {
    if (event.type === "message" && event.text.startsWith("*** No rule")) this.explainFailure(event.text);
    this.#observe(event);
  };

  /** Something needed for a makefile failed; `text` names it. */
  explainFailure(text: string): void {
    const [first] = this.#unsaid;
    const name = [...this.#unsaid].find((each) => text.includes(`'${each}'`)) ?? first;
    if (name !== undefined) this.#sayMissing(name);
  }

  /** Judges the outcome, and says what was not made. */
  judge(outcome: Outcome): RemadeVerdict {
    const failed = outcome.goals.filter((goal) => this.#isFatal(goal));
    const hasFailed = failed.length > 0 || (outcome.stopped && outcome.status === "failed");
    if (!hasFailed && outcome.goals.some(isRemade)) return "start over";
    if (!outcome.stopped) for (const { name } of failed) this.#sayFailed(name);
    const missed = [...this.#leftAlone].filter((name) => this.#unsaid.has(name));
    for (const name of missed) this.#sayMissing(name);
    return hasFailed || missed.length > 0 ? "failed" : "go on";
  }

  #isFatal({ name, status }: GoalOutcome): boolean {
    return status === "failed" && this.#makefiles.get(name)?.optional !== true;
  }

  #sayMissing(name: string): void {
    this.#unsaid.delete(name);
    const error = this.#makefiles.get(name)?.error ?? "No such file or directory";
    this.#say(name, `${name}: ${error}`);
  }

  #sayFailed(name: string): void {
    this.#say(name, `Failed to remake makefile '${name}'.`);
  }

  #say(name: string, text: string): void {
    const location = this.#makefiles.get(name)?.location;
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

function isRemade({ status, changed, exists }: GoalOutcome): boolean {
  return status === "success" && changed && exists;
}

/** One of several of the same name; it is needed if one of them is. */
function byName(makefiles: readonly MakefileRead[]): ReadonlyMap<string, MakefileRead> {
  const found = new Map<string, MakefileRead>();
  for (const makefile of makefiles) {
    const known = found.get(makefile.name);
    found.set(makefile.name, known === undefined || known.optional ? makefile : known);
  }
  return found;
}

function isMissed({ found, optional }: MakefileRead): boolean {
  return !found && !optional;
}

/** Something else is wrong than that there is no such file. */
function isUnreadable(error: string | undefined): boolean {
  return error !== undefined && error !== "No such file or directory";
}
