/** A recipe as written, kept as one piece of text until its lines are asked for. */

import type { Location } from "../base/location.js";
import { LineCursor, recipeLineText } from "./lines.js";
import type { Recipe, RecipeText } from "./rule-sink.js";

export interface WrittenRecipe {
  /** Where the recipe begins. */
  readonly location: Location;
  /** What stands behind the `;` of the rule line. */
  readonly inline: string | undefined;
  /** The lines below, newlines between them, each with its prefix. */
  readonly body: string | undefined;
  /** The recipe prefix in force, one character. */
  readonly prefix: string;
}

/** The recipe of a rule in a makefile. Messages count its lines from the first one's place. */
export class ReadRecipe implements Recipe {
  readonly location: Location;
  readonly #prefix: string;
  #inline: string | undefined;
  #body: string | undefined;
  #lines: readonly RecipeText[] | undefined = undefined;

  constructor({ location, inline, body, prefix }: WrittenRecipe) {
    this.location = location;
    this.#prefix = prefix;
    this.#inline = inline;
    this.#body = body;
  }

  get lines(): readonly RecipeText[] {
    if (this.#lines === undefined) {
      this.#lines = this.#readLines();
      this.#inline = undefined;
      this.#body = undefined;
    }
    return this.#lines;
  }

  #readLines(): readonly RecipeText[] {
    const lines: RecipeText[] = [];
    const { file, line } = this.location;
    const add = (text: string): void => {
      lines.push({ text: recipeLineText(text, this.#prefix), location: { file, line: line + lines.length } });
    };
    if (this.#inline !== undefined) add(this.#inline);
    const body = this.#body ?? "";
    for (const at = new LineCursor(body); at.next();) add(body.slice(at.start + this.#prefix.length, at.end));
    return lines;
  }
}
