/** A rule whose recipe is still being read. */

import type { Location } from "../base/location.js";
import { trimSpace } from "./chars.js";
import { ReadRecipe } from "./recipe.js";
import type { RuleHead } from "./rule-reader.js";
import type { RuleStatement } from "./rule-sink.js";

export interface PendingRuleOptions {
  readonly head: RuleHead;
  readonly location: Location;
  /** The recipe prefix in force when the rule was read. */
  readonly recipePrefix: string;
  /** The text that the recipe's lines are part of. */
  readonly text: string;
}

export class PendingRule {
  readonly #given: PendingRuleOptions;
  #recipeAt: Location | undefined = undefined;
  /** Recipe lines before those between the next two places; something else stood between. */
  #before: string | undefined = undefined;
  #start = -1;
  #end = -1;

  constructor(given: PendingRuleOptions) {
    this.#given = given;
    if (given.head.inlineRecipe !== undefined) this.#recipeAt = given.location;
  }

  /** Nothing of a recipe has been read yet. */
  get hasNoRecipe(): boolean {
    return this.#recipeAt === undefined;
  }

  /** Tells where the recipe begins. */
  begin(at: Location): void {
    this.#recipeAt = at;
  }

  /** Adds the recipe line between two places of the text, prefix included. */
  addLine(start: number, end: number): void {
    if (start !== this.#end + 1 || this.#start < 0) {
      this.#before = this.#body();
      this.#start = start;
    }
    this.#end = end;
  }

  /** The whole rule. */
  statement(): RuleStatement {
    const { head, location } = this.#given;
    const { targets, separator, targetPattern, prerequisites } = head;
    return { location, targets, separator, targetPattern, prerequisites, recipe: this.#recipe() };
  }

  #recipe(): ReadRecipe | undefined {
    const location = this.#recipeAt;
    if (location === undefined) return undefined;
    const { inlineRecipe } = this.#given.head;
    const inline = inlineRecipe === undefined || trimSpace(inlineRecipe) === "" ? undefined : inlineRecipe;
    return new ReadRecipe({ location, inline, body: this.#body(), prefix: this.#given.recipePrefix });
  }

  #body(): string | undefined {
    if (this.#start < 0) return undefined;
    const last = this.#given.text.slice(this.#start, this.#end);
    return this.#before === undefined ? last : `${this.#before}\n${last}`;
  }
}
