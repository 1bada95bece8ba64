/** The targets of pattern rules by suffix and prefix, each list in the order in which rules are tried. */

import { hasPrerequisites, type PatternRule, type TargetPattern } from "./rule.js";

/** A target of a pattern rule. */
export interface Entry {
  readonly rule: PatternRule;
  readonly target: TargetPattern;
  /** The place of the rule among all. */
  readonly order: number;
  /** Another target of the rule is just `%`: once this one matches, the rule is unfit. */
  readonly hasAnything: boolean;
}

/** The entries whose suffix is the text that leads here from the end of a name, and those with a shorter one. */
interface Node {
  readonly next: Map<number, Node>;
  readonly shorter: Node | undefined;
  /** Of this very suffix. */
  readonly own: Entry[];
  all: Entries | undefined;
}

interface Entries {
  readonly withoutPrefix: readonly Entry[];
  readonly byPrefix: ReadonlyMap<string, readonly Entry[]>;
  /** Of the prefixes. */
  readonly lengths: readonly number[];
}

export class PatternIndex {
  readonly #root = newNode(undefined);
  readonly #anything: Entry[] = [];

  constructor(rules: readonly PatternRule[]) {
    let order = 0;
    for (const rule of rules) {
      // A rule without recipe that has prerequisites only cancels others.
      if (rule.recipe === undefined && hasPrerequisites(rule)) continue;
      const hasAnything = !rule.terminal && rule.targets.some(({ matchesAnything }) => matchesAnything);
      for (const target of rule.targets) this.#add({ rule, target, order: order++, hasAnything });
    }
  }

  /** The patterns that are just `%`. */
  get anything(): readonly Entry[] {
    return this.#anything;
  }

  /** The others that may match the name, of which what is behind the last slash begins at `slash`: best first. */
  specific(name: string, slash: number): readonly Entry[] {
    const { withoutPrefix, byPrefix, lengths } = entriesOf(this.#nodeOf(name));
    if (lengths.length === 0) return withoutPrefix;
    const found: Entry[] = [];
    for (const length of lengths) {
      const [whole, base] = [name.slice(0, length), name.slice(slash, slash + length)];
      found.push(...(byPrefix.get(whole) ?? []));
      if (base !== whole) found.push(...(byPrefix.get(base) ?? []));
    }
    return found.length === 0 ? withoutPrefix : [...found, ...withoutPrefix].sort(bestFirst);
  }

  /** Where the longest suffix of the name that any pattern has leads. */
  #nodeOf(name: string): Node {
    let node = this.#root;
    for (let at = name.length - 1; at >= 0; at--) {
      const next = node.next.get(name.charCodeAt(at));
      if (next === undefined) break;
      node = next;
    }
    return node;
  }

  #add(entry: Entry): void {
    const { suffix, matchesAnything } = entry.target;
    if (matchesAnything) {
      this.#anything.push(entry);
      return;
    }
    let node = this.#root;
    for (let at = suffix.length - 1; at >= 0; at--) {
      const sign = suffix.charCodeAt(at);
      let next = node.next.get(sign);
      if (next === undefined) node.next.set(sign, (next = newNode(node)));
      node = next;
    }
    node.own.push(entry);
  }
}

function newNode(shorter: Node | undefined): Node {
  return { next: new Map(), shorter, own: [], all: undefined };
}

function entriesOf(node: Node): Entries {
  return (node.all ??=
    node.own.length === 0 && node.shorter !== undefined ? entriesOf(node.shorter) : sorted(ownAndShorter(node)));
}

function ownAndShorter(node: Node): readonly Entry[] {
  const entries: Entry[] = [];
  for (let each: Node | undefined = node; each !== undefined; each = each.shorter) entries.push(...each.own);
  return entries;
}

function sorted(entries: readonly Entry[]): Entries {
  const byPrefix = new Map<string, Entry[]>();
  for (const entry of [...entries].sort(bestFirst)) {
    const { prefix } = entry.target;
    const same = byPrefix.get(prefix);
    if (same === undefined) byPrefix.set(prefix, [entry]);
    else same.push(entry);
  }
  const withoutPrefix = byPrefix.get("") ?? [];
  byPrefix.delete("");
  return { withoutPrefix, byPrefix, lengths: [...new Set([...byPrefix.keys()].map((prefix) => prefix.length))] };
}

/** The longer the pattern the shorter the stem. */
function bestFirst(a: Entry, b: Entry): number {
  const byStem = b.target.prefix.length + b.target.suffix.length - a.target.prefix.length - a.target.suffix.length;
  return byStem === 0 ? a.order - b.order : byStem;
}
