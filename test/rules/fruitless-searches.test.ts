import fc from "fast-check";
import { expect, test } from "vitest";
import type { Location } from "../../src/base/location.js";
import { FruitlessSearches, type FruitlessPorts } from "../../src/rules/fruitless-searches.js";
import { searchImplicitRule } from "../../src/rules/implicit-search.js";
import { RuleBook } from "../../src/rules/rule-book.js";
import { FakeHost } from "../rig/fake-host.js";

const location: Location = { file: "Makefile", line: 1 };
const recipe = { lines: [{ text: "true", location }], location };

interface Scene {
  /** `%.o: %.c`, each with a recipe. */
  readonly rules: readonly string[];
  readonly files: readonly string[];
  readonly mentioned?: readonly string[];
  readonly builtin?: boolean;
}

function portsOf({ rules, files, mentioned = [], builtin = false }: Scene): FruitlessPorts & {
  readonly impossible: Set<string>;
} {
  const book = new RuleBook({ host: new FakeHost({}), warn: () => undefined });
  if (builtin) book.addBuiltinSuffixRules();
  for (const rule of rules) {
    const [target = "", separator = ":", prerequisites = ""] = rule.split(/(::?) ?/);
    book.rule({
      ...{ location, recipe, targetPattern: undefined, prerequisites },
      separator: separator === "::" ? "::" : ":",
      targets: [target],
    });
  }
  book.finishReading({
    ...{ noBuiltinRules: !builtin, extraPrerequisites: { ofAll: "", of: () => undefined } },
    ...{ vpath: "", gpath: "", libraryPatterns: "" },
  });
  return {
    patterns: book.patterns,
    isTarget: () => false,
    isKnown: (name) => mentioned.includes(name),
    isMentioned: (name) => mentioned.includes(name),
    exists: (name) => files.includes(name),
    findOnPath: () => undefined,
    split: (text) => book.split(text),
    glob: (name) => book.glob(name),
    impossible: new Set(),
  };
}

/** What a search says, with nothing known from searches before it. */
function isFound(name: string, ports: FruitlessPorts): boolean {
  const fresh = {
    ...ports,
    impossible: new Set<string>(),
    expand: () => "",
    settle: () => undefined,
    debug: undefined,
  };
  return searchImplicitRule(name, new Set(), fresh) !== undefined;
}

test("names that built-in rules cannot make are known without a search for each", () => {
  const ports = portsOf({ rules: ["%.o: %.c"], files: ["d/a.c"], builtin: true });
  const fruitless = new FruitlessSearches(ports);
  const names = ["d/a.c", "e/a.c", "d/a.d", "d/b.d", "d/long.name.d", "a.h", "d/a.o", "d/a", "d/b", "/usr/include/b.h"];
  expect(names.filter((name) => fruitless.has(name))).toEqual(names.filter((name) => !/a.o$|a$/.test(name)));
});

test("a name that is mentioned may be ought to exist: only a search can tell", () => {
  const scene = { rules: ["%.o: %.c"], files: [] };
  expect(new FruitlessSearches(portsOf(scene)).has("a.o")).toBe(true);
  expect(new FruitlessSearches(portsOf({ ...scene, mentioned: ["a.c"] })).has("a.o")).toBe(false);
});

test("what a rule without prerequisites makes is for a search", () => {
  expect(new FruitlessSearches(portsOf({ rules: ["%.o:"], files: [] })).has("a.o")).toBe(false);
});

test("names that are impossible to make are known to searches for names of other kinds", () => {
  const ports = portsOf({ rules: ["%.o: src/%.c", "src/%.c: %.y"], files: [] });
  expect(new FruitlessSearches(ports).has("d/a.o")).toBe(true);
  expect([...ports.impossible]).toEqual(["d/src/a.c"]);
});

test("what is said to be fruitless is not found by a search, whatever the patterns are", () => {
  const piece = fc.constantFrom("", ".", "a", "b", ".a", "a.b", "s.", "lib", "/", "d/", "d/lib");
  const pattern = fc.tuple(piece, piece).map(([prefix, suffix]) => `${prefix}%${suffix}`);
  const rule = fc
    .tuple(pattern, fc.constantFrom(": ", ":: "), fc.array(fc.oneof(pattern, piece), { minLength: 1, maxLength: 2 }))
    .map(([target, separator, prerequisites]) => target + separator + prerequisites.join(" "));
  const name = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join("").replace(/\/+/g, "/"));
  const names = fc.array(name, { maxLength: 5 });
  const scene = fc.record({ rules: fc.array(rule, { minLength: 1, maxLength: 5 }), files: names, mentioned: names });
  fc.assert(
    fc.property(scene, fc.array(name, { minLength: 1, maxLength: 6 }), (given, targets) => {
      const ports = portsOf(given);
      const fruitless = new FruitlessSearches(ports);
      for (const target of targets.filter((each) => each !== "" && !each.endsWith("/"))) {
        if (fruitless.has(target)) expect({ target, found: isFound(target, ports) }).toEqual({ target, found: false });
      }
    }),
    { numRuns: 1000 },
  );
});
