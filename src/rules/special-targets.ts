/** The special targets whose prerequisites say something of other targets, as one table, and what a build makes of them. */

import { MakefileError } from "../base/location.js";

/** What each says of the targets it names; `alone`: what it says without prerequisites. */
export const SPECIAL_TARGETS = {
  ".PHONY": { alone: "nothing", patterns: false },
  ".PRECIOUS": { alone: "nothing", patterns: true },
  ".INTERMEDIATE": { alone: "nothing", patterns: false },
  ".SECONDARY": { alone: "every target", patterns: false },
  ".NOTINTERMEDIATE": { alone: "every target", patterns: true },
  ".IGNORE": { alone: "every target", patterns: false },
  ".SILENT": { alone: "every target", patterns: false },
  ".NOTPARALLEL": { alone: "every target", patterns: false },
  ".LOW_RESOLUTION_TIME": { alone: "nothing", patterns: false },
} as const;
export type SpecialTarget = keyof typeof SPECIAL_TARGETS;

/** The names a special target has as prerequisites; undefined when no rule has it as a target. */
export type NamesOf = (special: SpecialTarget) => readonly string[] | undefined;

interface Said {
  readonly all: boolean;
  readonly names: ReadonlySet<string>;
}

const NOTHING: Said = { all: false, names: new Set() };

/** Answers whether a special target speaks of a target. */
export class SpecialTargets {
  readonly #said = new Map<SpecialTarget, Said>();

  /** @throws MakefileError when they contradict each other. */
  constructor(namesOf: NamesOf) {
    for (const special of Object.keys(SPECIAL_TARGETS) as SpecialTarget[]) {
      const names = namesOf(special);
      if (names === undefined) continue;
      const all = names.length === 0 && SPECIAL_TARGETS[special].alone === "every target";
      this.#said.set(special, { all, names: new Set(names) });
    }
    this.#refuseContradictions();
  }

  /** Whether it names that target (or, in a table that takes them, that very pattern). */
  names(special: SpecialTarget, target: string): boolean {
    return this.#of(special).names.has(target);
  }

  /** Whether it stands without prerequisites and so speaks of every target. */
  speaksOfAll(special: SpecialTarget): boolean {
    return this.#of(special).all;
  }

  /** Either of the two. */
  covers(special: SpecialTarget, target: string): boolean {
    const said = this.#of(special);
    return said.all || said.names.has(target);
  }

  /** All targets it names. */
  namesIn(special: SpecialTarget): Iterable<string> {
    return this.#of(special).names;
  }

  #of(special: SpecialTarget): Said {
    return this.#said.get(special) ?? NOTHING;
  }

  #refuseContradictions(): void {
    if (this.speaksOfAll(".NOTINTERMEDIATE") && this.speaksOfAll(".SECONDARY")) {
      throw new MakefileError(undefined, ".NOTINTERMEDIATE and .SECONDARY are mutually exclusive");
    }
    for (const other of [".INTERMEDIATE", ".SECONDARY"] as const) {
      for (const name of this.namesIn(other)) {
        if (this.names(".NOTINTERMEDIATE", name)) {
          throw new MakefileError(undefined, `${name} cannot be both .NOTINTERMEDIATE and ${other}`);
        }
      }
    }
  }
}
