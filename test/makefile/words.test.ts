import { expect, test } from "vitest";
import fc from "fast-check";
import { parsePattern, stemOf } from "../../src/makefile/pattern.js";
import { FakeHost } from "../rig/fake-host.js";
import { readMakefile } from "../rig/read-makefile.js";

const { language } = readMakefile({ host: new FakeHost({ files: { Makefile: "" } }), print: () => undefined });

/** A function's value for arguments given as values. */
function call(name: string, ...args: readonly string[]): string {
  const { globalScope } = language;
  args.forEach((arg, i) => language.define(`arg${String(i)}`, arg, { origin: "file", flavor: "simple" }));
  const list = args.map((_, i) => `$(arg${String(i)})`).join(",");
  return language.expand(`$(${name} ${list})`, globalScope, undefined);
}

const word = fc.string({ unit: fc.constantFrom("a", "b", "c", ".", "/", "%", "\\", "x"), minLength: 1, maxLength: 6 });
const words = fc.array(word, { maxLength: 12 });
const blanks = fc.constantFrom(" ", "\t", "  ", "\n", " \t ");
const text = fc.tuple(words, blanks, blanks).map(([list, outer, inner]) => outer + list.join(inner) + outer);
const list = (value: string): string[] => value.split(/[ \t\n\v\f\r]+/).filter((one) => one !== "");

test("words, firstword, lastword and word agree with splitting at white space", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 14 }), (value, index) => {
      const all = list(value);
      expect([call("words", value), call("firstword", value), call("lastword", value)]).toEqual([
        String(all.length),
        all[0] ?? "",
        all[all.length - 1] ?? "",
      ]);
      expect(call("word", String(index), value)).toBe(all[index - 1] ?? "");
      expect(list(call("wordlist", "2", String(index), value))).toEqual(all.slice(1, index));
    }),
  );
});

test("strip joins the words with one blank, sort orders them by bytes and drops doubles", () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(call("strip", value)).toBe(list(value).join(" "));
      expect(call("sort", value)).toBe([...new Set(list(value))].sort((a, b) => (a < b ? -1 : 1)).join(" "));
    }),
  );
});

test("filter and filter-out part the words between them", () => {
  fc.assert(
    fc.property(words, text, (patterns, value) => {
      const given = patterns.join(" ");
      const kept = list(call("filter", given, value));
      const out = list(call("filter-out", given, value));
      expect([...kept, ...out].sort()).toEqual(list(value).sort());
      const matchesAny = (one: string): boolean =>
        patterns.some((pattern) => stemOf(parsePattern(pattern), one) !== undefined);
      expect(kept.every(matchesAny)).toBe(true);
      expect(out.some(matchesAny)).toBe(false);
    }),
  );
});

test("subst replaces every occurrence", () => {
  fc.assert(
    fc.property(word, word, text, (from, to, value) => {
      expect(call("subst", from, to, value)).toBe(value.split(from).join(to));
    }),
  );
});

test("dir and notdir put together are the name, basename and suffix too", () => {
  fc.assert(
    fc.property(word, (name) => {
      const directory = call("dir", name);
      expect((directory === "./" && !name.startsWith("./") ? "" : directory) + call("notdir", name)).toBe(name);
      expect(call("basename", name) + call("suffix", name)).toBe(name);
    }),
  );
});

test("patsubst with % for % changes nothing but the blanks", () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(call("patsubst", "%", "%", value)).toBe(list(value).join(" "));
    }),
  );
});

test("a quoted % is a plain one, its backslashes halved", () => {
  expect(["a%b", "a\\%b", "a\\\\%b", "\\%a%b\\%", "ab"].map(parsePattern)).toEqual([
    { wildcard: true, prefix: "a", suffix: "b" },
    { wildcard: false, prefix: "a%b", suffix: "" },
    { wildcard: true, prefix: "a\\", suffix: "b" },
    { wildcard: true, prefix: "%a", suffix: "b\\%" },
    { wildcard: false, prefix: "ab", suffix: "" },
  ]);
});
