/** What implicit search has found becomes what targets are made by: recipe, prerequisites, intermediate files, peers. */

import type { FoundPrerequisite, FoundRule } from "../rules/implicit-search.js";
import type { RuleBook } from "../rules/rule-book.js";
import type { TargetTable } from "./target-table.js";
import type { Target } from "./target.js";

export class Adoption {
  readonly #ports: { readonly rules: RuleBook; readonly table: TargetTable };

  constructor(ports: { readonly rules: RuleBook; readonly table: TargetTable }) {
    this.#ports = ports;
  }

  /** Gives a target the rule that implicit search found for it. */
  adopt(target: Target, found: FoundRule): void {
    this.settle(found, target);
    this.#take(target, found);
    this.#need(target, this.#needed(target, found.prerequisites));
  }

  /**
   * A rule was found, for whatever file: the intermediate files that it needs get the rules found for them. They stay, even
   * when nobody comes to use this rule. @param target - has it already, if there is one
   */
  settle(found: FoundRule, target?: Target): void {
    const { rules, table } = this.#ports;
    for (const { name, ofPattern, isExtra, madeBy } of found.prerequisites) {
      if (ofPattern && table.isKnown(name)) this.#makeIntermediate(name, found.pattern);
      if (found.rule.terminal) table.get(name).searched = true;
      if (!ofPattern && !isExtra) rules.explicit.mention(name);
      if (madeBy === undefined) continue;
      const file = table.get(name);
      if (file === target || !isFree(file)) continue;
      file.edges = [];
      file.peers = [];
      file.group = [];
      this.#take(file, madeBy);
      this.#need(file, madeBy.prerequisites);
      if (ofPattern) this.#makeIntermediate(name, madeBy.pattern);
    }
  }

  #take(target: Target, found: FoundRule): void {
    const { rules, table } = this.#ports;
    const { special } = rules;
    target.recipe = found.rule.recipe;
    target.stem = found.stem;
    target.isImplicit = true;
    target.isTarget = true;
    target.oughtToExist = true;
    target.searched = true;
    if (special.names(".PRECIOUS", found.pattern)) target.precious = true;
    for (const { name, pattern } of found.peers) {
      const peer = table.get(name);
      target.peers.push(peer);
      target.group.push(peer);
      peer.oughtToExist = true;
      if (special.names(".PRECIOUS", pattern)) peer.precious = true;
    }
  }

  /**
   * What a target needs by the rule found for it. As GNU make has it, where one prerequisite is the target itself, the
   * prerequisites of the rule that makes it of itself stand in the place of those behind.
   */
  #needed(target: Target, prerequisites: FoundRule["prerequisites"]): FoundRule["prerequisites"] {
    const isSelfMade = ({ name, madeBy }: FoundPrerequisite): boolean =>
      madeBy !== undefined && this.#ports.table.get(name) === target;
    const last = prerequisites.findIndex(isSelfMade);
    const instead = prerequisites[last]?.madeBy?.prerequisites;
    return instead === undefined ? prerequisites : [...prerequisites.slice(0, last + 1), ...instead];
  }

  #need(target: Target, prerequisites: FoundRule["prerequisites"]): void {
    for (const each of prerequisites) this.#ports.table.addEdges(target, [each], each.isExtra);
  }

  /** A file that no makefile names and that implicit rules came upon is an intermediate one. */
  #makeIntermediate(name: string, pattern: string): void {
    const { rules, table } = this.#ports;
    const { special, explicit } = rules;
    if (explicit.isMentioned(name) || table.get(name).isMakefile) return;
    const target = table.get(name);
    if (special.names(".NOTINTERMEDIATE", pattern)) target.intermediate = target.secondary = false;
    else if (!special.covers(".NOTINTERMEDIATE", name)) target.intermediate = true;
  }
}

/** What a search within this one has settled counts only until this one has found something. */
function isFree(file: Target): boolean {
  if (file.isImplicit) return file.state === "idle" && !file.edgesComplete;
  return file.recipe === undefined && !file.searched && !file.isUnderWay && file.state !== "done";
}
