/** Rule lines: targets, separator and the rest expanded; a target-specific assignment, a rule, or nothing. */

import { MakefileError, type Location } from "../base/location.js";
import { COLON, endOfWord, isBlank, skipBlanks, trimSpace } from "./chars.js";
import type { Evaluator } from "./evaluator.js";
import { parseFileNames, parseTargetNames, unquote, type FileNameHost } from "./file-name-list.js";
import type { VariableScope } from "./model.js";
import { parseTargetAssignment } from "./parse-assignment.js";
import { restAt, separatorAt, targetsEnd, unquoteEquals, withInline } from "./parse-rule.js";
import { isPattern } from "./pattern.js";
import type { AssignmentSyntax, FixedRule, RuleSeparator, RuleSyntax } from "./statement.js";
import { cutUnquoted, endOfReference, unquotedIndex } from "./unquoted.js";

/** A rule without its recipe. */
export interface RuleHead {
  readonly kind: "rule";
  readonly targets: readonly string[];
  readonly separator: RuleSeparator;
  readonly targetPattern: string | undefined;
  readonly prerequisites: string;
  readonly inlineRecipe: string | undefined;
}

export type RuleLine =
  | { readonly kind: "nothing" }
  /** No target is left: the recipe that follows is passed over. */
  | { readonly kind: "no targets" }
  | { readonly kind: "variable"; readonly targets: readonly string[]; readonly assignment: AssignmentSyntax }
  | RuleHead;

export interface RuleLineContext {
  readonly evaluator: Evaluator;
  readonly scope: VariableScope;
  readonly host: FileNameHost;
  readonly location: Location | undefined;
  readonly recipePrefix: string;
  readonly posix: boolean;
}

/** Reads a rule line. @throws MakefileError when it is none. */
export function readRuleLine(rule: RuleSyntax, context: RuleLineContext): RuleLine {
  if (rule.fixed !== undefined) return readFixedRule(rule, rule.fixed, context);
  const found = findSeparator(rule, context);
  if (found.kind !== "found") return found;
  const { targets: targetText, separator, expandedRest, rawRest } = found;
  const names = parseTargetNames(targetText, context.host);
  if (names.length === 0) return { kind: "no targets" };
  const assignment = parseTargetAssignment(withInline(expandedRest + rawRest, found.inlineRecipe, context.posix));
  if (assignment !== undefined) return { kind: "variable", targets: names, assignment };
  const rest = expandedRest + context.evaluator.expand(unquoteEquals(rawRest), context.scope);
  return finishHead(names, separator, { rest, inlineRecipe: found.inlineRecipe }, context);
}

function readFixedRule(rule: RuleSyntax, fixed: FixedRule, context: RuleLineContext): RuleLine {
  const targets = parseTargetNames(fixed.targets, context.host);
  if (targets.length === 0) return { kind: "no targets" };
  if (fixed.assignment !== undefined) return { kind: "variable", targets, assignment: fixed.assignment };
  const rest = context.evaluator.evaluate(fixed.rest, context.scope);
  return finishHead(targets, fixed.separator, { rest, inlineRecipe: rule.inlineRecipe }, context);
}

interface Separated {
  readonly kind: "found";
  readonly targets: string;
  readonly separator: RuleSeparator;
  /** Behind the separator: what is expanded already, then what is not. */
  readonly expandedRest: string;
  readonly rawRest: string;
  readonly inlineRecipe: string | undefined;
}

/** Expands the line word by word until a colon shows; what stands behind it may be a variable's value, not to be expanded yet. */
function findSeparator(
  rule: RuleSyntax,
  context: RuleLineContext,
): Separated | { readonly kind: "nothing" | "no targets" } {
  const { head } = rule;
  const first = skipBlanks(head, 0);
  if (first >= head.length) {
    if (rule.inlineRecipe !== undefined) throw new MakefileError(context.location, "missing rule before recipe");
    return { kind: "nothing" };
  }
  if (head.charCodeAt(first) === COLON || head.startsWith("&:", first)) return { kind: "no targets" };
  let expanded = "";
  let { inlineRecipe } = rule;
  for (let at = first; at < head.length; at = skipBlanks(head, at)) {
    const end = endOfToken(head, at);
    let word = context.evaluator.expand(head.slice(at, end), context.scope);
    at = end;
    let rawRest = head.slice(end);
    if (inlineRecipe === undefined && word.includes(";")) {
      const cut = cutUnquoted(word, ";", false);
      if (cut.end < word.length) {
        inlineRecipe = word.slice(cut.end + 1) + context.evaluator.expand(rawRest, context.scope);
        rawRest = "";
        at = head.length;
      }
      word = cut.head;
    }
    const before = expanded === "" ? "" : `${expanded} `;
    const colon = word.includes(":") ? unquotedIndex(word, COLON, 0) : -1;
    expanded = before + word;
    if (colon >= 0) return separate(expanded, before.length + colon, rawRest, inlineRecipe);
  }
  if (trimSpace(expanded) === "" && inlineRecipe === undefined) return { kind: "nothing" };
  throw new MakefileError(context.location, missingSeparator(rule, expanded, context));
}

function separate(text: string, colon: number, rawRest: string, inlineRecipe: string | undefined): Separated {
  const joined = text + (colon === text.length - 1 && rawRest.startsWith(":") ? ":" : "");
  const separator = separatorAt(joined, colon);
  const targets = unquote(joined.slice(0, targetsEnd(colon, separator)), (code) => code === COLON);
  const taken = joined.length - text.length;
  return {
    kind: "found",
    targets,
    separator,
    expandedRest: joined.slice(restAt(colon, separator)),
    rawRest: rawRest.slice(taken),
    inlineRecipe,
  };
}

/** Words end at blanks, and at the colon of a rule. */
function endOfToken(head: string, from: number): number {
  for (let i = from; i < head.length;) {
    const code = head.charCodeAt(i);
    if (code === 36) i = endOfReference(head, i);
    else if (code === 92) i += 2;
    else if (code === COLON) return i + (head.charCodeAt(i + 1) === COLON ? 2 : 1);
    else if (isBlank(code)) return i;
    else i++;
  }
  return head.length;
}

function missingSeparator(rule: RuleSyntax, expanded: string, context: RuleLineContext): string {
  if (context.recipePrefix === "\t" && rule.raw.startsWith("        "))
    return "missing separator (did you mean TAB instead of 8 spaces?)";
  const start = skipBlanks(rule.head, 0);
  const word = rule.head.slice(start, endOfWord(rule.head, start));
  if (/^ifn?eq[("']/.test(word) || /^ifn?eq[("']/.test(expanded)) {
    return "missing separator (ifeq/ifneq must be followed by whitespace)";
  }
  return "missing separator";
}

interface ExpandedRest {
  readonly rest: string;
  readonly inlineRecipe: string | undefined;
}

function finishHead(
  targets: readonly string[],
  separator: RuleSeparator,
  { rest, inlineRecipe }: ExpandedRest,
  context: RuleLineContext,
): RuleHead {
  let prerequisites = rest;
  let recipe = inlineRecipe;
  if (recipe === undefined && rest.includes(";")) {
    const cut = cutUnquoted(rest, ";", false);
    prerequisites = cut.head;
    if (cut.end < rest.length) recipe = rest.slice(cut.end + 1);
  }
  const head = {
    kind: "rule",
    targets,
    separator,
    targetPattern: undefined,
    prerequisites,
    inlineRecipe: recipe,
  } as const;
  if (!prerequisites.includes(":")) return head;
  const cut = cutUnquoted(prerequisites, ":", false);
  if (cut.end >= prerequisites.length) {
    return { ...head, prerequisites: cut.head };
  }
  const targetPattern = staticPattern(cut.head, context);
  return { ...head, targetPattern, prerequisites: prerequisites.slice(cut.end + 1) };
}

function staticPattern(text: string, context: RuleLineContext): string {
  const [pattern, second] = parseFileNames(text, {
    host: context.host,
    expandGlobs: false,
    stripDotSlash: true,
    waits: false,
  });
  if (pattern === undefined) throw new MakefileError(context.location, "missing target pattern");
  if (second !== undefined) throw new MakefileError(context.location, "multiple target patterns");
  if (!isPattern(pattern.name)) throw new MakefileError(context.location, "target pattern contains no '%'");
  return pattern.name;
}

/** Whether a line that is no recipe line begins as one. */
export function beginsAsRecipe(rule: RuleSyntax, recipePrefix: string): boolean {
  return rule.raw.startsWith(recipePrefix);
}
