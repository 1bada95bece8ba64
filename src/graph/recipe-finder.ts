/** Finds a recipe for targets that no explicit rule gives one: by implicit search, or `.DEFAULT`'s. */

import { FruitlessSearches, type FruitlessPorts } from "../rules/fruitless-searches.js";
import { searchImplicitRule, type FoundRule, type SearchPorts } from "../rules/implicit-search.js";
import type { Expander } from "../makefile/expander.js";
import type { RuleBook } from "../rules/rule-book.js";
import { Adoption } from "./adoption.js";
import type { Disk } from "./disk.js";
import type { TargetTable } from "./target-table.js";
import { type Target, TIME } from "./target.js";
import type { Times } from "./times.js";
import type { Voice } from "./voice.js";

export interface RecipeFinderPorts {
  readonly rules: RuleBook;
  readonly disk: Disk;
  readonly expander: Pick<Expander, "once">;
  readonly table: TargetTable;
  readonly times: Times;
  readonly voice: Voice;
}

/** Each target is searched for once. */
export class RecipeFinder {
  readonly #ports: RecipeFinderPorts;
  readonly #search: Omit<SearchPorts, "expand">;
  readonly #impossible = new Set<string>();
  readonly #fruitless: FruitlessSearches;
  readonly #adoption: Adoption;
  /** Levels of recursion of the walk, for `--debug`. */
  #depth = 0;

  constructor(ports: RecipeFinderPorts) {
    this.#ports = ports;
    const { rules, disk, table, times, voice } = ports;
    const { patterns } = rules;
    this.#adoption = new Adoption({ rules, table });
    const search: FruitlessPorts = {
      patterns,
      isTarget: (name) =>
        rules.explicit.isMadeByMakefile(name) ||
        rules.special.names(".PHONY", name) ||
        table.find(name)?.oughtToExist === true,
      isKnown: (name) => table.isKnown(name),
      isMentioned: (name) => rules.explicit.isMentioned(name),
      exists: (name) => disk.existsCached(name),
      findOnPath: (name) => times.findOnPath(name),
      split: (text) => rules.split(text),
      glob: (name) => rules.glob(name),
      impossible: this.#impossible,
    };
    this.#fruitless = new FruitlessSearches(search);
    const debug = (depth: number, text: string): void => voice.debug("implicit", this.#depth + depth, () => text);
    this.#search = {
      ...search,
      settle: (found) => this.#adoption.settle(found),
      debug: voice.hears("implicit") ? debug : undefined,
    };
  }

  /** Whether looking for its recipe may expand prerequisites. */
  mayExpand({ recipe, searched }: Target): boolean {
    return recipe === undefined && !searched && this.#ports.rules.patterns.hasDeferred;
  }

  /** Gives the target its recipe, if there is one. It may be broken off, and begun again. @throws MakefileError */
  find(target: Target, depth: number): void {
    const { rules, voice } = this.#ports;
    if (target.recipe !== undefined) return;
    this.#depth = depth;
    if (!target.searched) {
      const found = this.#searchOnce(target);
      if (found !== undefined) {
        this.#adoption.adopt(target, found);
        return;
      }
    }
    if (target.isTarget || target.phony || rules.defaultRecipe === undefined) return;
    voice.debug("implicit", depth, () => `Using default recipe for '${target.path}'.`);
    target.recipe = rules.defaultRecipe;
    target.usesDefault = true;
  }

  /** Whether there is neither a file nor a rule; nothing is done for it but to look. @throws MakefileError */
  isUnknown(target: Target): boolean {
    const isMissing = this.#ports.times.of(target) === TIME.missing;
    if (!isMissing || target.alias !== undefined) return false;
    this.find(target, 0);
    return target.recipe === undefined && !target.phony && !target.isTarget;
  }

  /** A recipe has ended: what could not be made may be there now. */
  recipeHasEnded(): void {
    this.#impossible.clear();
  }

  #searchOnce(target: Target): FoundRule | undefined {
    target.searched = true;
    try {
      return this.#findRule(target);
    } catch (error) {
      target.searched = false;
      throw error;
    }
  }

  /** A target that keeps the place where a search path has it (`GPATH`) is looked for by its name there. */
  #findRule(target: Target): FoundRule | undefined {
    const { rules, table } = this.#ports;
    const moved = target.path !== target.name && rules.searchPath.keeps(target.path, target.name);
    const name = moved ? target.path : target.name;
    if (this.#search.debug === undefined && this.#fruitless.has(name)) return undefined;
    const search = {
      ...this.#search,
      expand: (text: string, of: string, stem: string) =>
        table.expandForSearch(of === name ? target : table.attempt(of), text, stem),
    };
    const ports = rules.patterns.hasDeferred ? remembered(search, this.#ports.expander) : search;
    return searchImplicitRule(name, table.explicitPrerequisites(target), ports);
  }
}

/** What a search asks is answered once, and done once, however often it is broken off: what others do meanwhile it does not see. */
function remembered(search: SearchPorts, expander: Pick<Expander, "once">): SearchPorts {
  const { impossible, debug } = search;
  const once = <T>(act: () => T): T => expander.once(act);
  return {
    ...search,
    isTarget: (name) => once(() => search.isTarget(name)),
    isKnown: (name) => once(() => search.isKnown(name)),
    isMentioned: (name) => once(() => search.isMentioned(name)),
    exists: (name) => once(() => search.exists(name)),
    findOnPath: (name) => once(() => search.findOnPath(name)),
    expand: (...given) => once(() => search.expand(...given)),
    split: (text) => once(() => search.split(text)),
    glob: (name) => once(() => search.glob(name)),
    settle: (found) => once(() => search.settle(found)),
    impossible: {
      has: (name) => once(() => impossible.has(name)),
      add: (name) => once(() => impossible.add(name)),
    },
    debug: debug && ((...given) => once(() => debug(...given))),
  };
}
