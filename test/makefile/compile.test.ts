import { expect, test } from "vitest";
import fc from "fast-check";
import { compile } from "../../src/makefile/compile.js";

test("a text without references is itself, and so is what only stands for a dollar", () => {
  expect(["", "a b", "a$$b", "x$", "$ y"].map(compile)).toEqual(["", "a b", "a$b", "x$", "y"]);
});

test("references are by one sign, in parentheses, in braces, with a substitution, or computed", () => {
  expect(compile("$a$(bc)${de}x")).toEqual({
    kind: "sequence",
    parts: [
      { kind: "reference", name: "a" },
      { kind: "reference", name: "bc" },
      { kind: "reference", name: "de" },
      "x",
    ],
  });
  expect(compile("$(a:.c=.o)")).toEqual({ kind: "substitution", name: "a", from: ".c", to: ".o" });
  expect(compile("$(a:b)")).toEqual({ kind: "reference", name: "a:b" });
  expect(compile("$($(a)_b)")).toEqual({
    kind: "computed",
    inner: { kind: "sequence", parts: [{ kind: "reference", name: "a" }, "_b"] },
  });
  expect(compile("$($(a)")).toEqual({ kind: "reference", name: "$(a" });
});

test("a function's arguments end at its own kind of parenthesis; commas beyond the last belong to it", () => {
  const args = (text: string): unknown => {
    const compiled = compile(text);
    return typeof compiled === "object" && compiled.kind === "call" ? compiled.args : compiled;
  };
  expect(args("$(subst a,(b,c),d,e)")).toEqual(["a", "(b,c)", "d,e"]);
  expect(args("${subst a,),b}")).toEqual(["a", ")", "b"]);
  expect(args("$(info  a,b )")).toEqual(["a,b "]);
  expect(args("$(info)")).toEqual({ kind: "reference", name: "info" });
});

test("what cannot be read is an error only when it is evaluated", () => {
  expect(compile("$(a")).toEqual({ kind: "malformed", message: "unterminated variable reference" });
  expect(compile("${subst a")).toEqual({
    kind: "malformed",
    message: "unterminated call to function 'subst': missing '}'",
  });
});

test("compiling never fails, whatever the text", () => {
  const sign = fc.constantFrom("$", "(", ")", "{", "}", ",", ":", "=", " ", "a", "subst ", "if ", "%", "\\", "\n");
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 40 }), (signs) => {
      expect(compile(signs.join(""))).toBeDefined();
    }),
  );
});
