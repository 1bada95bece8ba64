/** Names for which an implicit search comes to nothing, told from a search done once for all names of their kind. */

import { hasWildcard } from "../makefile/file-name-list.js";
import { Endings } from "./endings.js";
import { searchImplicitRule, type SearchPorts } from "./implicit-search.js";
import { CORE, fillIn, hasMarks, MIDDLE, parseMarked, type MarkedName } from "./marked-name.js";
import type { PatternRules } from "./pattern-rules.js";

/** A file that a search asks for. */
interface Asked {
  readonly name: MarkedName;
  /** When it is not there, searches for names of other kinds are to know that nothing can make it. */
  readonly isImpossible: boolean;
}

/** What names with the same head and tail have in common. */
interface Kind {
  readonly asked: readonly Asked[];
  /** Middles and cores that begin like one of these may match patterns that the marks do not. */
  readonly otherMiddles: readonly string[];
  readonly otherCores: readonly string[];
  /** The names asked for when this kind was asked about last: makes in one process ask about `Makefile` again and again. */
  last: FilledIn | undefined;
}

interface FilledIn {
  readonly middle: string;
  readonly core: string;
  readonly names: readonly string[];
}

/** What the parts of names depend on. */
interface Pieces {
  /** Of patterns that are matched with whole names. */
  readonly wholePrefixes: readonly string[];
  /** Of patterns that are matched with what is behind the last slash. */
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  readonly endings: Endings;
  /** Whether a suffix holds a slash: then patterns may tell any directory from any other. */
  readonly slashInSuffix: boolean;
}

export type FruitlessPorts = Omit<SearchPorts, "expand" | "debug" | "settle"> & {
  readonly patterns: PatternRules;
};

/**
 * A name has four parts: `build/`, `sub/dir/`, `core`, `.o`. The head is the longest prefix of a pattern that the directory
 * begins with; the core goes as far as no suffix of a pattern reaches into it, whatever comes behind it. So patterns see no
 * difference between names of the same head and tail. A search is done once for a name whose middle and core are mere
 * marks, as if no file existed: what that one asks for is all that the others ask for before they fail.
 */
export class FruitlessSearches {
  readonly #ports: FruitlessPorts;
  #lore: Lore | undefined;
  #version = -1;

  constructor(ports: FruitlessPorts) {
    this.#ports = ports;
  }

  /** Whether no pattern rule can make it. False also where only a search can tell. */
  has(name: string): boolean {
    if (name.endsWith(")") || hasMarks(name) || hasWildcard(name)) return false;
    const lore = this.#currentLore();
    const { pieces } = lore;
    const slash = name.lastIndexOf("/") + 1;
    const coreEnd = pieces.endings.coreEnd(name, slash);
    if (coreEnd === slash) return false;
    const head = headOf(name.slice(0, slash), pieces);
    const middle = name.slice(head.length, slash);
    const core = name.slice(slash, coreEnd);
    const kind = this.#kind(`${head}${middle === "" ? "" : MIDDLE}${CORE}${name.slice(coreEnd)}`, lore);
    if (kind === undefined || beginsLike(middle, kind.otherMiddles) || beginsLike(core, kind.otherCores)) return false;
    return this.#isNothingThere(kind, middle, core);
  }

  #isNothingThere(kind: Kind, middle: string, core: string): boolean {
    const names = filledIn(kind, middle, core);
    if (names.some((name) => this.#isThere(name))) return false;
    for (const [i, { isImpossible }] of kind.asked.entries())
      if (isImpossible) this.#ports.impossible.add(names[i] ?? "");
    return true;
  }

  #isThere(name: string): boolean {
    const { isTarget, isKnown, exists, findOnPath } = this.#ports;
    return isTarget(name) || isKnown(name) || exists(name) || findOnPath(name) !== undefined;
  }

  #kind(marked: string, { kinds, pieces }: Lore): Kind | undefined {
    if (!kinds.has(marked)) {
      if (kinds.size >= MOST_KINDS) kinds.clear();
      kinds.set(marked, learnKind(marked, pieces, this.#ports));
    }
    return kinds.get(marked);
  }

  #currentLore(): Lore {
    const { patterns } = this.#ports;
    if (this.#lore === undefined || this.#version !== patterns.version) {
      this.#lore = loreOf(patterns);
      this.#version = patterns.version;
    }
    return this.#lore;
  }
}

/** All that is known of the names that a set of pattern rules can tell apart, whichever make has them. */
interface Lore {
  readonly pieces: Pieces;
  readonly kinds: Map<string, Kind | undefined>;
}

function filledIn(kind: Kind, middle: string, core: string): readonly string[] {
  const { last } = kind;
  if (last?.middle === middle && last.core === core) return last.names;
  const names = kind.asked.map(({ name }) => fillIn(name, middle, core));
  kind.last = { middle, core, names };
  return names;
}

const MOST_KINDS = 4096;
const MOST_LORE = 64;
const lore = new Map<string, Lore>();

function loreOf(patterns: PatternRules): Lore {
  const { signature } = patterns;
  const known = lore.get(signature);
  if (known !== undefined) return known;
  if (lore.size >= MOST_LORE) lore.clear();
  const fresh = { pieces: piecesOf(patterns), kinds: new Map<string, Kind | undefined>() };
  lore.set(signature, fresh);
  return fresh;
}

function piecesOf({ all }: PatternRules): Pieces {
  const targets = all.flatMap((rule) => rule.targets);
  const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)].filter((text) => text !== "");
  const prefixesOf = (hasSlash: boolean): readonly string[] =>
    distinct(targets.filter((each) => each.hasSlash === hasSlash).map((each) => each.prefix));
  const suffixes = distinct(targets.map((each) => each.suffix));
  return {
    wholePrefixes: prefixesOf(true),
    prefixes: prefixesOf(false),
    suffixes,
    endings: new Endings(suffixes),
    slashInSuffix: suffixes.some((suffix) => suffix.includes("/")),
  };
}

/** All of a directory where patterns may tell it from others that begin the same. */
function headOf(directory: string, { wholePrefixes, slashInSuffix }: Pieces): string {
  if (slashInSuffix) return directory;
  let head = "";
  for (const prefix of wholePrefixes) {
    if (prefix.length > directory.length && prefix.startsWith(directory)) return directory;
    if (prefix.length > head.length && directory.startsWith(prefix)) head = prefix;
  }
  return head;
}

/** @returns undefined when such a search may find a rule without any file, or expands prerequisites */
function learnKind(marked: string, pieces: Pieces, ports: FruitlessPorts): Kind | undefined {
  const asked = new Set<string>();
  const searched: string[] = [];
  const impossible = new Set<string>();
  const expanded: string[] = [];
  const noteExpanded = (text: string): readonly never[] => {
    expanded.push(text);
    return [];
  };
  const found = searchImplicitRule(marked, new Set(), {
    patterns: {
      matching: (name, options) => {
        searched.push(name);
        return ports.patterns.matching(name, options);
      },
      all: ports.patterns.all,
    },
    isTarget: (name) => {
      asked.add(name);
      return false;
    },
    isKnown: () => false,
    isMentioned: () => false,
    exists: () => false,
    findOnPath: () => undefined,
    settle: () => undefined,
    expand: (text) => {
      expanded.push(text);
      return "";
    },
    // Wildcards ask the disk.
    split: noteExpanded,
    glob: noteExpanded,
    impossible,
    debug: undefined,
  });
  if (found !== undefined || expanded.length > 0) return undefined;
  const plain = marked.slice(0, marked.indexOf(CORE) + 1);
  return {
    // Impossible names that differ from the marked one in nothing but their ends are no news: whoever could make them
    // by a longer way round could make the marked one too.
    asked: [...asked].map((name) => ({
      name: parseMarked(name),
      isImpossible: impossible.has(name) && !name.startsWith(plain),
    })),
    ...otherBeginnings(searched.map(parseMarked), pieces),
    last: undefined,
  };
}

/** Where a pattern begins, or a suffix would have to, in a middle or a core that is searched for: no mark matches that. */
function otherBeginnings(
  searched: readonly MarkedName[],
  { wholePrefixes, prefixes, suffixes }: Pieces,
): Pick<Kind, "otherMiddles" | "otherCores"> {
  const middles = new Set<string>();
  const cores = new Set<string>();
  for (const { before, hasMiddle, start, hasCore } of searched) {
    if (hasMiddle) addRests(middles, before, wholePrefixes);
    if (!hasCore) continue;
    if (!hasMiddle) addRests(cores, start, wholePrefixes);
    addRests(cores, start.slice(start.lastIndexOf("/") + 1), prefixes);
    for (let from = 0; from < start.length; from++) addRests(cores, start.slice(from), suffixes);
  }
  return { otherMiddles: [...middles], otherCores: [...cores] };
}

/** What is left of the texts that begin with `start` and go on. */
function addRests(rests: Set<string>, start: string, texts: readonly string[]): void {
  for (const text of texts)
    if (text.length > start.length && text.startsWith(start)) rests.add(text.slice(start.length));
}

function beginsLike(text: string, others: readonly string[]): boolean {
  return others.some((other) => other.startsWith(text) || text.startsWith(other));
}
