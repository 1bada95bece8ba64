/** A rule whose recipe is still being read. */

import type { Location } from "../base/location.js";
import { recipeLineText } from "./lines.js";
import type { RuleHead } from "./rule-reader.js";
import type { Recipe, RecipeText, RuleStatement } from "./rule-sink.js";

export interface PendingRuleOptions {
  readonly location: Location;
  /** The recipe prefix in force when the rule was read. */
  readonly recipePrefix: string;
}

export class PendingRule {
  readonly #head: RuleHead;
  readonly #options: PendingRuleOptions;
  readonly #lines: RecipeText[] = [];
  #recipeAt: Location | undefined = undefined;
  #lineCount = 0;

  constructor(head: RuleHead, options: PendingRuleOptions) {
    this.#head = head;
    this.#options = options;
    const { inlineRecipe } = head;
    if (inlineRecipe === undefined) return;
    if (inlineRecipe.trim() === "") this.#begin(options.location);
    else this.addLine(inlineRecipe, options.location);
  }

  /** Adds a recipe line, its prefix removed. Messages count recipe lines from the first one's place. */
  addLine(text: string, at: Location): void {
    const first = this.#begin(at);
    const location = { file: first.file, line: first.line + this.#lineCount };
    this.#lines.push({ text: recipeLineText(text, this.#options.recipePrefix), location });
    this.#lineCount++;
  }

  /** The whole rule. */
  statement(): RuleStatement {
    const { targets, separator, targetPattern, prerequisites } = this.#head;
    const recipe: Recipe | undefined =
      this.#recipeAt === undefined ? undefined : { lines: this.#lines, location: this.#recipeAt };
    return { location: this.#options.location, targets, separator, targetPattern, prerequisites, recipe };
  }

  #begin(at: Location): Location {
    this.#recipeAt ??= at;
    return this.#recipeAt;
  }
}
