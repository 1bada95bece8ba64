/** The parts of a rule line that its text alone tells. */

import { trimSpace } from "./chars.js";
import { compile } from "./compile.js";
import { joinContinuations } from "./lines.js";
import { parseTargetAssignment } from "./parse-assignment.js";
import type { FixedRule, RuleSeparator, RuleSyntax } from "./statement.js";
import { cutUnquoted } from "./unquoted.js";

/** Reads a line that is no other statement. `raw` is the logical line as written. */
export function parseRule(raw: string, posix: boolean): RuleSyntax {
  let head = raw;
  let inlineRecipe: string | undefined = undefined;
  if (raw.includes(";") || raw.includes("#")) {
    const cut = cutUnquoted(raw, ";#", true);
    head = cut.head;
    if (raw.charAt(cut.end) === ";") inlineRecipe = raw.slice(cut.end + 1);
  }
  head = joinContinuations(head, posix);
  return { kind: "rule", head, inlineRecipe, raw, fixed: fixedParts(head, inlineRecipe, posix) };
}

/** Undefined when the targets hold references, or when quoting makes the plain reading unsure. */
function fixedParts(head: string, inlineRecipe: string | undefined, posix: boolean): FixedRule | undefined {
  const colon = head.indexOf(":");
  if (colon <= 0) return undefined;
  const separator = separatorAt(head, colon);
  const targets = head.slice(0, targetsEnd(colon, separator));
  if (targets.includes("$") || targets.includes("\\") || trimSpace(targets) === "") return undefined;
  const rest = head.slice(restAt(colon, separator));
  const assignment = rest.includes("=") ? parseTargetAssignment(withInline(rest, inlineRecipe, posix)) : undefined;
  return { targets, separator, rest: assignment === undefined ? compile(unquoteEquals(rest)) : "", assignment };
}

/** What is written behind the colon without the backslashes that keep its `=` from being an assignment's. */
export function unquoteEquals(rest: string): string {
  if (!rest.includes("\\=")) return rest;
  const { head, end } = cutUnquoted(rest, "=", false);
  return head + rest.slice(end);
}

/** The text behind the colon as a target-specific variable sees it: a `;` is part of the value. */
export function withInline(rest: string, inlineRecipe: string | undefined, posix: boolean): string {
  return inlineRecipe === undefined ? rest : `${rest};${joinContinuations(inlineRecipe, posix)}`;
}

/** The separator whose colon stands at `colon`. */
export function separatorAt(text: string, colon: number): RuleSeparator {
  const double = text.startsWith("::", colon);
  if (text.startsWith("&", colon - 1)) return double ? "&::" : "&:";
  return double ? "::" : ":";
}

/** Where the targets before it end. */
export function targetsEnd(colon: number, separator: RuleSeparator): number {
  return separator.startsWith("&") ? colon - 1 : colon;
}

/** Where the text behind it begins. */
export function restAt(colon: number, separator: RuleSeparator): number {
  return separator.endsWith("::") ? colon + 2 : colon + 1;
}
