import fc from "fast-check";
import { expect, test } from "vitest";
import { hasWildcard, unescape, wildcardMatcher } from "../../src/os/wildcard.js";

test.each([
  ["*.c", "a.c", true],
  ["*.c", "a.cc", false],
  ["*", "", true],
  ["a*b*c", "aXbYbZc", true],
  ["a*b*c", "aXbYbZ", false],
  ["?", "", false],
  ["?", "\xff", true],
  ["[a-c]x", "bx", true],
  ["[!a-c]x", "bx", false],
  ["[^a-c]x", "dx", true],
  ["[]a]", "]", true],
  ["[a-]", "-", true],
  ["[[:alpha:]_]", "_", true],
  ["[[:digit:]]", "a", false],
  ["[\\]]", "]", true],
  ["[a", "[a", true],
  ["\\*", "*", true],
  ["\\*", "x", false],
  ["a\\", "a\\", true],
])("%j against %j: %j", (pattern, name, expected) => expect(wildcardMatcher(pattern)(name)).toBe(expected));

test("a pattern with many stars is decided in time that grows with its length, not beyond", () => {
  expect(wildcardMatcher("a*".repeat(40) + "b")("a".repeat(4000))).toBe(false);
});

test("stars and question marks agree with a regular expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (p, t) => {
      const source = p.replaceAll(".", "\\.").replaceAll("*", "[^]*").replaceAll("?", "[^]");
      expect(wildcardMatcher(p)(t)).toBe(new RegExp(`^${source}$`).test(t));
    }),
  );
});

test("wildcards are those that are not escaped, and brackets that close", () => {
  expect(["a*", "?", "[a]", "\\*", "[a", "a", "\\[a]"].map(hasWildcard)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(unescape("a\\*\\\\b")).toBe("a*\\b");
});
