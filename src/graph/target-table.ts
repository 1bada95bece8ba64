/** All targets of an update by name, and what rules say of each: recipe, prerequisites, peers, special targets. */

import { formatLocation, MakefileError, type Location } from "../base/location.js";
import type { Expander, Scope } from "../makefile/expander.js";
import { hasWildcard, stripDotSlash } from "../makefile/file-name-list.js";
import { parseArchiveName } from "../rules/archive-name.js";
import type { RuleBook } from "../rules/rule-book.js";
import { TargetRule, type PrerequisiteGroup, type RulePrerequisite } from "../rules/rule.js";
import { automaticVariables } from "./automatic-variables.js";
import type { Disk } from "./disk.js";
import { Shuffling } from "./shuffle.js";
import { Target, TIME, type Edge } from "./target.js";
import type { UpdateOptions } from "./options.js";
import type { Voice } from "./voice.js";

export interface TablePorts {
  readonly rules: RuleBook;
  readonly expander: Expander;
  readonly disk: Disk;
  readonly voice: Voice;
  readonly options: UpdateOptions;
  /** `-B` applies to what is made now. */
  readonly alwaysMake: () => boolean;
}

/** Makes targets as they are first asked for. */
export class TargetTable {
  readonly #ports: TablePorts;
  readonly #targets = new Map<string, Target>();
  readonly #shuffling: Shuffling;
  readonly #presetTimes = new Map<string, bigint>();

  constructor(ports: TablePorts) {
    this.#ports = ports;
    const { options, rules } = ports;
    this.#shuffling = new Shuffling({
      shuffle: options.shuffle,
      special: () => rules.special,
      named: (target) => this.#named(target),
    });
    for (const name of ports.options.oldFiles) this.#presetTimes.set(name, TIME.old);
    if (!ports.options.restarted) this.heedNewFiles();
  }

  /** From now on files named by `-W` are new. */
  heedNewFiles(): void {
    for (const name of this.#ports.options.newFiles) {
      this.#presetTimes.set(name, TIME.new);
      const known = this.#targets.get(name);
      if (known !== undefined) known.time = TIME.new;
    }
  }

  /** The target of that name; the first of its `::` rules. */
  get(name: string): Target {
    let target = this.#targets.get(name);
    if (target === undefined) {
      target = this.#make(name);
      this.#targets.set(name, target);
    }
    return target.alias === undefined ? target : resolve(target);
  }

  /** The target of that name, if it came up already. */
  find(name: string): Target | undefined {
    const target = this.#targets.get(name);
    return target && resolve(target);
  }

  /** Whether it came up so far: explicit rules mention it, it is wanted by a target that was looked at, or the user named it. */
  isKnown(name: string): boolean {
    const { explicit } = this.#ports.rules;
    if (explicit.isNamed(name) || explicit.has(name) || this.#targets.has(name)) return true;
    return this.#presetTimes.has(name) || this.#ports.rules.isExtraOfAll(name);
  }

  /** The target of that name; when none came up, one that is not kept: a search that only tries a name makes it no better known. */
  attempt(name: string): Target {
    return this.find(name) ?? this.#make(name);
  }

  /** What `-o` or `-W` says of a file that a search path has. */
  presetTime(path: string): bigint | undefined {
    return this.#presetTimes.size === 0 ? undefined : this.#presetTimes.get(stripDotSlash(path));
  }

  /** Every target that came up, in that order. */
  all(): Iterable<Target> {
    return this.#targets.values();
  }

  /** How many names there are: of targets that came up, and of targets that only rules know. */
  get knownNames(): number {
    let known = this.#targets.size;
    for (const name of this.#ports.rules.explicit.targets()) if (!this.#targets.has(name)) known++;
    return known;
  }

  /** Whether an explicit rule has it as a target, or `.PHONY` names it, or an implicit rule was found for it. */
  isTarget(name: string): boolean {
    const { explicit, special } = this.#ports.rules;
    return explicit.has(name) || special.names(".PHONY", name) || this.#targets.get(name)?.isTarget === true;
  }

  /**
   * The scope in which a target's texts are expanded. It inherits from the nearest target above that has variables of its
   * own; those between are left out, so that chains of scopes stay short.
   */
  scopeOf(target: Target): Scope {
    const chain: Target[] = [];
    let above: Target | undefined = target;
    while (above !== undefined && above.scope === undefined) {
      chain.push(above);
      above = this.#inheritedFrom(above);
    }
    let scope = above?.scope;
    for (const each of chain.reverse()) {
      scope = this.#ports.expander.targetScope(each.name, scope);
      each.scope = scope;
    }
    return scope ?? this.#ports.expander.globalScope;
  }

  /** The nearest target above that has variables of its own. Remembered for all that are passed on the way. */
  #inheritedFrom(target: Target): Target | undefined {
    const passed: Target[] = [];
    for (let each = target; ;) {
      const known = each.inheritsFrom;
      if (known !== undefined) return remember(passed, known);
      passed.push(each);
      const above = each.wantedBy;
      if (above === undefined || this.#hasVariables(above)) return remember(passed, { target: above });
      each = above;
    }
  }

  #hasVariables(target: Target): boolean {
    return (target.hasVariables ??= this.#ports.expander.hasOwnVariables(target.name));
  }

  /** Runs `act` with the target's scope, in which its automatic variables are set meanwhile. */
  within<T>(target: Target, act: (scope: Scope) => T): T {
    const scope = this.scopeOf(target);
    const before = scope.automatic;
    scope.automatic = this.#automaticOf(target);
    try {
      return act(scope);
    } finally {
      scope.automatic = before;
    }
  }

  /** Expands `text` in the target's scope, with automatic variables for what is known of it by now. @throws MakefileError */
  expandFor(target: Target, text: string, at: Location | undefined): string {
    return this.within(target, (scope) => this.#ports.expander.expand(text, scope, at));
  }

  /** The same while a rule for the target is looked for: `$*` is the stem, and the prerequisites are those named explicitly. @throws MakefileError */
  expandForSearch(target: Target, text: string, stem: string): string {
    const before = { stem: target.stem, edges: target.edges };
    target.stem = stem;
    if (!target.edgesComplete) target.edges = this.#named(target);
    try {
      return this.expandFor(target, text, undefined);
    } finally {
      target.stem = before.stem;
      target.edges = before.edges;
    }
  }

  #automaticOf(target: Target): ReturnType<typeof automaticVariables> {
    const { rules, alwaysMake } = this.#ports;
    return automaticVariables(target, { alwaysMake: alwaysMake(), suffixes: () => rules.suffixes });
  }

  /** The names of the prerequisites that explicit rules give a target, as far as known without a second expansion. */
  explicitPrerequisites(target: Target): ReadonlySet<string> {
    const found = new Set<string>();
    for (const group of target.rule?.groups ?? []) {
      if (group.kind === "names") for (const { name } of group.names) found.add(name);
    }
    return found;
  }

  /** Whether completing it expands: prerequisites for the second time, or a `.EXTRA_PREREQS` of its own. */
  awaitsExpansion(target: Target): boolean {
    if (target.edgesComplete) return false;
    return target.rule?.groups.some(({ kind }) => kind === "deferred") === true || this.#hasVariables(target);
  }

  /**
   * Fills in what explicit rules say of prerequisites and peers; expands for the second time what waits for it. It may be broken off, and
   * begun again. @throws MakefileError
   */
  complete(target: Target): void {
    if (target.edgesComplete) return;
    const { edges, stem } = target;
    target.edgesComplete = true;
    try {
      this.#addExplicitEdges(target);
      this.#addExtraEdges(target);
    } catch (error) {
      Object.assign(target, { edges, stem, edgesComplete: false });
      throw error;
    }
    this.#shuffling.arrange(target);
    if (target.isImplicit || target.rule?.groups.some(({ kind }) => kind === "deferred") === true)
      this.#shuffling.from(target);
    this.#addPeers(target);
  }

  /** `--shuffle` is for the target and all behind it. */
  shuffle(target: Target): void {
    this.#shuffling.from(target);
  }

  /** A search path has shown that `target` is the file `other`: from now on it stands for it. @throws MakefileError */
  merge(target: Target, other: Target): void {
    if (target.isDoubleColon !== other.isDoubleColon && target.rule !== undefined && other.rule !== undefined) {
      const kind = (each: Target): string => (each.isDoubleColon ? "double" : "single");
      this.#warnOfRecipes(target, other);
      const what = `${kind(target)}-colon '${target.name}' to ${kind(other)}-colon '${other.name}'`;
      throw new MakefileError(undefined, `can't rename ${what}`);
    }
    target.alias = other;
    this.#warnOfRecipes(target, other);
    if (other.state !== "idle" || target.rule === undefined) return;
    const groups = [...(other.rule?.groups ?? []), ...target.rule.groups];
    const rule = new TargetRule(other.name, { doubleColon: other.isDoubleColon, builtin: false }, groups);
    rule.peers = other.rule?.peers ?? [];
    other.rule = rule;
    other.recipe ??= target.recipe;
    other.stem ??= target.stem;
    other.isTarget ||= target.isTarget;
  }

  #warnOfRecipes(target: Target, other: Target): void {
    if (target.recipe === undefined || other.recipe === undefined || target.recipe === other.recipe) return;
    const { location } = target.recipe;
    const [from, to] = [target.name, other.name];
    const lines = [
      `Recipe was specified for file '${from}' at ${formatLocation(location)},`,
      `but '${from}' is now considered the same file as '${to}'.`,
      `Recipe for '${from}' will be ignored in favor of the one for '${to}'.`,
    ];
    for (const line of lines) this.#ports.voice.error(line, location);
  }

  #make(name: string): Target {
    const rules = this.#ports.rules.explicit.of(name);
    const head = this.#mark(new Target(name, rules[0]));
    let last = head;
    for (const rule of rules.slice(1)) {
      last.next = this.#mark(new Target(name, rule, head));
      last = last.next;
    }
    return head;
  }

  #mark(target: Target): Target {
    const { special } = this.#ports.rules;
    const { name } = target;
    target.phony = special.names(".PHONY", name);
    target.precious = special.names(".PRECIOUS", name);
    target.secondary = special.covers(".SECONDARY", name);
    target.intermediate = special.names(".INTERMEDIATE", name) || this.#isSecondaryFromTheStart(name);
    if (special.names(".NOTINTERMEDIATE", name)) target.intermediate = false;
    target.lowResolution = special.names(".LOW_RESOLUTION_TIME", name) || name.endsWith(")");
    target.searched = target.phony;
    if (target.phony) target.time = TIME.missing;
    const preset = this.#presetTimes.get(name);
    if (preset !== undefined) target.time = preset;
    if (preset === TIME.old) target.state = "done";
    return target;
  }

  /** Without prerequisites `.SECONDARY` makes intermediate files of those alone that are known when reading ends. */
  #isSecondaryFromTheStart(name: string): boolean {
    const { special, explicit } = this.#ports.rules;
    if (special.names(".SECONDARY", name)) return true;
    return special.speaksOfAll(".SECONDARY") && explicit.isWritten(name);
  }

  /**
   * The prerequisites of explicit rules, behind those of an implicit one. A second expansion sees all that are named
   * without one, and those of the expansions before it.
   */
  #addExplicitEdges(target: Target): void {
    const { rules, expander } = this.#ports;
    const groups = target.rule?.groups ?? [];
    const found = target.edges;
    const lists = expander.once(() => groups.map((group) => this.#namedEdges(group)));
    target.edges = [...found, ...lists.flat()];
    for (const [index, group] of groups.entries()) {
      if (group.kind === "names") continue;
      if (group.stem !== undefined) target.stem = group.stem;
      const text = this.expandFor(target, group.text, target.recipe?.location);
      lists[index] = expander.once(() => {
        const prerequisites = rules.split(text);
        if (group.stem === undefined) for (const { name } of prerequisites) rules.explicit.mention(name);
        return this.#edges(prerequisites);
      });
      target.edges = [...found, ...lists.flat()];
    }
  }

  #addExtraEdges(target: Target): void {
    const isTarget = target.rule !== undefined || target.phony;
    this.addEdges(target, this.#ports.rules.extraOf(target.name, { isTarget }), true);
  }

  #named(target: Target): Edge[] {
    return (target.rule?.groups ?? []).flatMap((group) => this.#namedEdges(group));
  }

  #namedEdges(group: PrerequisiteGroup): Edge[] {
    return group.kind === "names" ? this.#edges(group.names) : [];
  }

  /** Adds to what the target needs. */
  addEdges(target: Target, prerequisites: readonly RulePrerequisite[], extra = false): void {
    target.edges.push(...this.#edges(prerequisites, extra));
  }

  #edges(prerequisites: readonly RulePrerequisite[], extra = false): Edge[] {
    const edges: Edge[] = [];
    for (const { name, orderOnly, waitBefore } of prerequisites) {
      for (const each of this.#membersOf(name)) {
        const target = this.get(each);
        edges.push({ target, orderOnly, waitBefore, extra, seen: undefined, changed: false });
      }
    }
    return edges;
  }

  /** `lib(*.o)`: the members that match; the name itself when none does, or it has no wildcard. */
  #membersOf(name: string): readonly string[] {
    const member = name.endsWith(")") ? parseArchiveName(name) : undefined;
    if (member === undefined || !hasWildcard(member.member)) return [name];
    const matching = this.#ports.disk.membersMatching(member.archive, member.member);
    return matching.length === 0 ? [name] : matching.map((each) => `${member.archive}(${each})`);
  }

  #addPeers(target: Target): void {
    const peers = new Set(target.peers);
    for (const name of target.rule?.peers ?? []) {
      for (let peer: Target | undefined = this.get(name); peer !== undefined; peer = peer.next) {
        if (peer.isDoubleColon && (peer.recipe !== target.recipe || peers.has(peer))) continue;
        target.group.push(peer);
        peers.add(peer);
      }
    }
    peers.delete(target);
    target.peers = [...peers];
  }
}

/** What a target turned out to be. */
export function resolve(target: Target): Target {
  let real = target;
  while (real.alias !== undefined) real = real.alias;
  return real;
}

function remember(passed: readonly Target[], found: { readonly target: Target | undefined }): Target | undefined {
  for (const each of passed) each.inheritsFrom = found;
  return found.target;
}
