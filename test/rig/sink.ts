/** A RuleSink that keeps what it is given, and walks explicit rules as `make -n` would. */

import type { RuleSink, RuleStatement } from "../../src/makefile/rule-sink.js";
import type { Expander, Scope } from "../../src/makefile/expander.js";
import { splitPrerequisites } from "../../src/makefile/split-prerequisites.js";
import type { FileNameHost } from "../../src/makefile/file-name-list.js";
import { isPattern, parsePattern, stemOf } from "../../src/makefile/pattern.js";

export class KeepingSink implements RuleSink {
  readonly rules: RuleStatement[] = [];
  readonly vpaths: (readonly [pattern: string | undefined, directories: readonly string[]])[] = [];

  rule(statement: RuleStatement): void {
    this.rules.push(statement);
  }

  vpath(pattern: string | undefined, directories: readonly string[]): void {
    this.vpaths.push([pattern, directories]);
  }

  isSpecialSet(name: string): boolean {
    return this.rules.some((rule) => rule.targets.includes(name));
  }

  /** The recipe lines that making `goal` would print, prerequisites first; explicit rules only. */
  justPrint(goal: string, language: Expander & { readonly host: FileNameHost }): string {
    const done = new Set<string>();
    const walk = (target: string, wantedBy: Scope | undefined): string => {
      if (done.has(target)) return "";
      done.add(target);
      const scope = language.targetScope(target, wantedBy);
      const names: string[] = [];
      let out = "";
      for (const rule of this.rules.filter(({ targets }) => targets.includes(target))) {
        const stem = rule.targetPattern === undefined ? undefined : stemOf(parsePattern(rule.targetPattern), target);
        if (rule.separator.startsWith("&")) for (const peer of rule.targets) done.add(peer);
        const { normal, orderOnly } = splitPrerequisites(rule.prerequisites, { host: language.host });
        for (const { name } of [...normal, ...orderOnly])
          names.push(stem === undefined ? name : name.replace("%", stem));
      }
      for (const name of names) if (!isPattern(name)) out += walk(name, scope);
      scope.automatic = (name) =>
        name === "@" ? target : name === "<" ? (names[0] ?? "") : name === "^" ? names.join(" ") : undefined;
      for (const rule of this.rules.filter(({ targets, recipe }) => targets.includes(target) && recipe !== undefined)) {
        for (const line of rule.recipe?.lines ?? []) {
          const text = language.expand(line.text, scope, line.location).replace(/^[\s@+-]+/, "");
          if (text !== "") out += text + "\n";
        }
      }
      scope.automatic = undefined;
      return out;
    };
    return walk(goal, undefined);
  }
}
