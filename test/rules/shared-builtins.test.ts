/** Built-in rules are one set for all makes of a process: what one make says of them must not reach another. */

import { expect, test } from "vitest";
import type { Location } from "../../src/base/location.js";
import { RuleBook } from "../../src/rules/rule-book.js";
import type { PatternRule } from "../../src/rules/rule.js";
import { FakeHost } from "../rig/fake-host.js";

const location: Location = { file: "Makefile", line: 1 };
const recipe = { lines: [{ text: "true", location }], location };

interface Said {
  readonly target: string;
  readonly prerequisites?: string;
  readonly hasRecipe?: boolean;
}

function bookOf(rules: readonly Said[], options: { readonly extra?: string; readonly noBuiltinRules?: boolean } = {}) {
  const { extra = "", noBuiltinRules = false } = options;
  const book = new RuleBook({ host: new FakeHost({}), warn: () => undefined });
  book.addBuiltinSuffixRules();
  for (const { target, prerequisites = "", hasRecipe = true } of rules) {
    book.rule({
      ...{ location, targetPattern: undefined, prerequisites, separator: ":" },
      ...{ targets: [target], recipe: hasRecipe ? recipe : undefined },
    });
  }
  book.finishReading({
    ...{ noBuiltinRules, extraPrerequisites: { ofAll: extra, of: () => undefined } },
    ...{ vpath: "", gpath: "", libraryPatterns: "" },
  });
  return book;
}

function text({ targets, prerequisites, extra = [], builtin }: PatternRule): string {
  const needed = prerequisites.kind === "names" ? prerequisites.names.map(({ name }) => name).join(" ") : "";
  const more = extra.map(({ name }) => name).join(" ");
  return `${targets.map((each) => each.text).join(" ")}: ${needed} ${more} ${builtin ? "" : "own"}`;
}

function told(book: RuleBook): unknown {
  const patterns = book.patterns.all.map(text);
  const explicit = [...book.explicit.all()].map(({ target, recipe: own, builtin, groups }) => [
    target,
    own?.lines.length,
    builtin,
    groups.flatMap((group) => (group.kind === "names" ? group.names.map(({ name }) => name) : [])).join(" "),
  ]);
  return { patterns, explicit };
}

const CHANGES: readonly (readonly [string, Parameters<typeof bookOf>])[] = [
  ["a suffix rule in the place of a built-in one", [[{ target: ".c.o" }]]],
  ["a suffix rule of one suffix", [[{ target: ".c" }]]],
  ["suffixes forgotten", [[{ target: ".SUFFIXES", hasRecipe: false }]]],
  ["a suffix more", [[{ target: ".SUFFIXES", prerequisites: ".foo", hasRecipe: false }, { target: ".foo.o" }]]],
  ["a pattern rule in the place of a built-in one", [[{ target: "%.o", prerequisites: "%.c" }]]],
  ["a pattern rule cancelled", [[{ target: "%.o", prerequisites: "%.c", hasRecipe: false }]]],
  ["prerequisites for all", [[], { extra: "config.h" }]],
  ["no built-in rules after all", [[], { noBuiltinRules: true }]],
];

test.each(CHANGES)("%s: other makes see nothing of it", (_, given) => {
  const before = told(bookOf([]));
  const changed = told(bookOf(...given));
  expect(changed).not.toEqual(before);
  expect(told(bookOf([]))).toEqual(before);
  expect(told(bookOf(...given))).toEqual(changed);
});

test("a suffix rule of the makefile's own stands where the built-in one stood", () => {
  const all = (book: RuleBook): readonly string[] => book.patterns.all.map(text);
  const own = all(bookOf([{ target: ".c.o" }]));
  expect(own).toEqual(all(bookOf([])).map((each) => (each === "%.o: %.c  " ? "%.o: %.c  own" : each)));
});

test("pattern rules that differ in anything that a search looks at have other signatures", () => {
  const variants = [
    bookOf([]),
    bookOf([{ target: "%.o", prerequisites: "%.c" }]),
    bookOf([{ target: "%.o", prerequisites: "%.c", hasRecipe: false }]),
    bookOf([{ target: "%.o", prerequisites: "%.c %.h" }]),
    bookOf([
      { target: "%.o", prerequisites: "%.c" },
      { target: "%.x", prerequisites: "%.y" },
    ]),
    bookOf([
      { target: "%.x", prerequisites: "%.y" },
      { target: "%.o", prerequisites: "%.c" },
    ]),
    bookOf([], { extra: "config.h" }),
  ];
  expect(new Set(variants.map(({ patterns }) => patterns.signature)).size).toBe(variants.length);
});
