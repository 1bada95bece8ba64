/** `-p`: everything that make knows, as a makefile with comments. */

import type { Location } from "../base/location.js";
import { isSpace, trimSpace } from "../makefile/chars.js";
import type { Language } from "../makefile/language.js";
import type { Variable } from "../makefile/model.js";
import type { Recipe } from "../makefile/rule-sink.js";
import type { RuleBook } from "../rules/rule-book.js";
import type { PatternRule, PrerequisiteGroup, TargetRule } from "../rules/rule.js";

export interface DataBaseRequest {
  readonly language: Language;
  readonly rules: RuleBook;
  readonly now: Date;
}

/** The whole text. What it says can be read again by make. */
export function renderDataBase({ language, rules, now }: DataBaseRequest): string {
  const date = cDate(now);
  const parts = [
    `# Make data base, printed on ${date}`,
    ["# Variables", "", ...[...language.variables()].map((variable) => renderVariable(variable))].join("\n"),
    ...patternVariables(language),
    "# Directories",
    "# No files, no impossibilities in 0 directories.",
    "# Implicit Rules",
    ...patternRules(rules),
    "# Files",
    ...files(language, rules),
    "# VPATH Search Paths",
    ...searchPaths(rules),
    `# Finished Make data base on ${date}`,
  ];
  return `\n${parts.join("\n\n")}\n\n`;
}

/** `Sat Nov 21 03:48:50 2026`, as C's ctime. */
function cDate(now: Date): string {
  const [weekday, month, day, year] = now.toDateString().split(" ");
  return `${weekday ?? ""} ${month ?? ""} ${String(Number(day)).padStart(2)} ${now.toTimeString().slice(0, 8)} ${year ?? ""}`;
}

const ORIGIN_TEXTS: Readonly<Record<Variable["origin"], string>> = {
  default: "default",
  environment: "environment",
  file: "makefile",
  "environment override": "environment under -e",
  "command line": "command line",
  override: "'override' directive",
  automatic: "automatic",
};

function renderVariable(variable: Variable, comment = "", target = ""): string {
  const place = variable.location === undefined ? "" : ` (from ${placeText(variable.location)})`;
  const secret = variable.isPrivate ? " private" : "";
  return `# ${ORIGIN_TEXTS[variable.origin]}${secret}${place}\n${comment}${target}${definition(variable)}`;
}

function definition({ name, value, recursive, appends }: Variable): string {
  if (recursive && value.includes("\n")) return `define ${name}\n${value}\nendef`;
  const operator = appends ? "+=" : recursive ? "=" : ":=";
  // Read again, what is final must not be expanded, and a blank at the beginning must not be lost.
  const text = recursive ? value : value.replaceAll("$", "$$$$");
  return `${name} ${operator} ${isSpace(text.charCodeAt(0)) ? "$(subst ,,)" : ""}${text}`;
}

function placeText({ file, line }: Location): string {
  return `'${file}', line ${String(line)}`;
}

function patternVariables(language: Language): readonly string[] {
  const given = [...language.patternVariables()];
  if (given.length === 0) return ["# No pattern-specific variable values."];
  const blocks = given.map(({ pattern, variable }) => `${pattern} :\n${renderVariable(variable, "# ")}`);
  return [
    "# Pattern-specific Variable Values",
    ...blocks,
    `# ${String(given.length)} pattern-specific variable values`,
  ];
}

function patternRules(rules: RuleBook): readonly string[] {
  const { all } = rules.patterns;
  if (all.length === 0) return ["# No implicit rules."];
  const terminal = all.filter((rule) => rule.terminal).length;
  const share = ((100 * terminal) / all.length).toFixed(1);
  const count = `# ${String(all.length)} implicit rules, ${String(terminal)} (${share}%) terminal.`;
  return [...all.map(renderPatternRule), count];
}

function renderPatternRule({ targets, terminal, prerequisites, recipe }: PatternRule): string {
  const names = targets.map(({ text }) => text).join(" ");
  return [`${names}:${terminal ? ":" : ""}${prerequisiteText([prerequisites])}`, ...renderRecipe(recipe)].join("\n");
}

function files(language: Language, rules: RuleBook): readonly string[] {
  const known = new Set(rules.explicit.targets());
  const targets = [...rules.explicit.all()].map((rule) => renderTarget(rule, language, rules));
  const named = [...rules.explicit.all()].flatMap(({ groups }) => groups.flatMap(namedIn));
  const others = new Set([...named, ...language.targetsWithVariables()].filter((name) => !known.has(name)));
  return [...targets, ...[...others].map((name) => renderOther(name, language))];
}

/** What no rule makes. */
function renderOther(name: string, language: Language): string {
  return [...variablesOf(name, language), "# Not a target:", `${name}:`].join("\n");
}

function variablesOf(target: string, language: Language): readonly string[] {
  return [...language.variablesOf(target)].map((variable) => renderVariable(variable, "", `${target}: `));
}

function renderTarget(rule: TargetRule, language: Language, rules: RuleBook): string {
  const { target, doubleColon, groups, recipe, peers, builtin } = rule;
  const lines = [...variablesOf(target, language)];
  if (builtin) lines.push("# Not a target:");
  lines.push(`${target}:${doubleColon ? ":" : ""}${prerequisiteText(groups)}`);
  if (rules.special.names(".PHONY", target)) lines.push("#  Phony target (prerequisite of .PHONY).");
  if (rules.special.names(".PRECIOUS", target)) lines.push("#  Precious file (prerequisite of .PRECIOUS).");
  if (builtin) lines.push("#  Builtin rule");
  lines.push("#  Implicit rule search has not been done.");
  if (rule.stem !== undefined) lines.push(`#  Implicit/static pattern stem: '${rule.stem}'`);
  if (peers.length > 0) lines.push(`#  Also makes: ${peers.join(" ")}`);
  return [...lines, ...renderRecipe(recipe)].join("\n");
}

function prerequisiteText(groups: readonly PrerequisiteGroup[]): string {
  const names = groups.flatMap((group) => (group.kind === "names" ? group.names : []));
  const deferred = groups.flatMap((group) => (group.kind === "deferred" ? [trimSpace(group.text)] : []));
  const normal = [...names.filter(({ orderOnly }) => !orderOnly).map(({ name }) => name), ...deferred];
  const orderOnly = names.filter((each) => each.orderOnly).map(({ name }) => name);
  return [...normal, ...(orderOnly.length > 0 ? ["|", ...orderOnly] : [])].map((word) => ` ${word}`).join("");
}

function namedIn(group: PrerequisiteGroup): readonly string[] {
  return group.kind === "names" ? group.names.map(({ name }) => name) : [];
}

function renderRecipe(recipe: Recipe | undefined): readonly string[] {
  if (recipe === undefined) return [];
  const { location, lines } = recipe;
  const from = location.line === 0 ? "(built-in)" : `(from ${placeText(location)})`;
  return [`#  recipe to execute ${from}:`, ...lines.map(({ text }) => `\t${text}`)];
}

function searchPaths({ searchPath }: RuleBook): readonly string[] {
  const { selective, general } = searchPath;
  const count = `# ${selective.length === 0 ? "No" : String(selective.length)} 'vpath' search paths.`;
  return [
    ...(selective.length === 0
      ? []
      : [selective.map(({ text, directories }) => `vpath ${text} ${directories.join(":")}`).join("\n")]),
    count,
    general.length === 0
      ? "# No general ('VPATH' variable) search path."
      : `# General ('VPATH' variable) search path:\n# ${general.join(":")}`,
  ];
}
