/** Which names makefiles mention, told with as few lists of prerequisites read as will do. */

import { NamedPrerequisites } from "./named-prerequisites.js";
import type { TargetRule } from "./rule.js";

/** So many questions are answered by searching all lists for the name; one more, and reading them pays. */
const SEARCHES = 50;

const NO_LETTER = /[^A-Za-z0-9_]+/;

/**
 * The targets that makefiles name, and their prerequisites, those of static pattern rules left out as GNU make has it. A makefile
 * that is up to date asks for a few names which no list holds; that needs no list read.
 */
export class MentionedNames {
  readonly #names = new Set<string>();
  readonly #builtin: MentionedNames | undefined;
  #unread: readonly NamedPrerequisites[];
  #unreadText: string;
  #searches = 0;
  /** Pieces of names that no unread list holds. */
  readonly #absent: string[] = [];

  /** @param rules - lists of rules by target; @param builtin - what is mentioned beside that */
  constructor(rules: Iterable<readonly TargetRule[]>, builtin?: MentionedNames) {
    this.#builtin = builtin;
    const unread = new Set<NamedPrerequisites>();
    for (const list of rules) for (let i = 0; i < list.length; i++) this.#take(list[i], unread);
    this.#unread = [...unread];
    this.#unreadText = this.#unread.map(({ text }) => text).join("\n");
  }

  has(name: string): boolean {
    if (this.#names.has(name) || this.#builtin?.has(name) === true) return true;
    if (this.#unread.length === 0 || this.#absent.some((piece) => name.includes(piece))) return false;
    if (this.#searches++ < SEARCHES && this.#isAbsent(name)) return false;
    this.#readAll();
    return this.#names.has(name);
  }

  #take(rule: TargetRule | undefined, unread: Set<NamedPrerequisites>): void {
    if (rule === undefined) return;
    if (!rule.builtin) this.#names.add(rule.target);
    for (let i = 0; i < rule.groups.length; i++) {
      const group = rule.groups[i];
      if (group?.kind !== "names" || group.ofStem === true) continue;
      // what a backslash quotes is not written as it is named
      if (group instanceof NamedPrerequisites && group.text?.includes("\\") === false) unread.add(group);
      else for (const { name } of group.names) this.#names.add(name);
    }
  }

  /** Searches for the piece that names asked for together have in common, such as `foo` in `foo.c` and `RCS/foo.c,v`. */
  #isAbsent(name: string): boolean {
    const piece = name.split(NO_LETTER).reduce((longest, each) => (each.length > longest.length ? each : longest), "");
    if (piece === "" || this.#unreadText.includes(piece)) return !this.#unreadText.includes(name);
    this.#absent.push(piece);
    return true;
  }

  #readAll(): void {
    for (const { names } of this.#unread) for (const { name } of names) this.#names.add(name);
    this.#unread = [];
    this.#unreadText = "";
  }
}
