/** Random texts with references and function calls, as they stand in values, prerequisites and recipes. */

export const VARIABLES = ["A", "B", "C", "D", "foo", "bar", "x.y", "list", "f1", "f2"];
const SOURCES = ["see.c", "dee.c", "eff.h", "gee.y", "dir/aitch.c", "dir/see.c"];
const WORDS = [
  "ay",
  "bee",
  "see.c",
  "dee.o",
  "eff.h",
  "gee",
  "dir/aitch.c",
  "dir/eye.o",
  "1",
  "2",
  "10",
  "a.b.c",
  "%",
  "%.o",
];
const PATTERNS = ["%", "%.c", "%.o", "a%", "dir/%", "%e%", "see.c", "ay"];
const AUTOMATIC = ["@", "<", "^", "?", "+", "*", "|", "@D", "@F", "<D", "<F", "^F", "*F", "*D", "?D"];

/** Draws expressions; `scope` limits which variables a recursive value may name, so that few values need themselves. */
export class Expressions {
  constructor(random) {
    this.random = random;
  }

  word() {
    return this.random.pick(WORDS);
  }

  source() {
    return this.random.pick(SOURCES);
  }

  words(low = 0, high = 4) {
    return this.random.several(low, high, () => this.word()).join(this.random.chance(0.1) ? "  " : " ");
  }

  /** Any text; `names` are the variables it may name. */
  text(depth, names = VARIABLES) {
    const parts = this.random.several(1, 3, () => this.part(depth, names));
    return parts.join(this.random.pick([" ", " ", " ", "", ",", "  "]));
  }

  part(depth, names) {
    const { random } = this;
    if (depth <= 0) return random.chance(0.7) || names.length === 0 ? this.word() : this.reference(names);
    return random.weighted([
      [4, () => this.word()],
      [names.length === 0 ? 0 : 5, () => this.reference(names)],
      [6, () => this.call(depth - 1, names)],
      [0.5, () => "$$"],
      [0.3, () => "\\#"],
      [0.3, () => "(paren)"],
    ]);
  }

  reference(names) {
    const { random } = this;
    const name = random.pick(names);
    return random.weighted([
      [8, () => `$(${name})`],
      [2, () => `\${${name}}`],
      [name.length === 1 ? 1 : 0, () => `$${name}`],
      [2, () => `$(${name}:${random.pick([".c=.o", "%.c=%.o", "%=x-%", "e=", ".o=.c", "a%=%b"])})`],
      [0.7, () => `$($(${name}))`],
      [0.3, () => "$(undefined)"],
    ]);
  }

  automatic() {
    const name = this.random.pick(AUTOMATIC);
    return name.length === 1 && this.random.chance(0.6) ? `$${name}` : `$(${name})`;
  }

  number(depth, names) {
    return this.random.weighted([
      [6, () => String(this.random.below(5))],
      [1, () => `$(words ${this.text(depth, names)})`],
      [0.3, () => this.random.pick(["-1", "007", "99999999999999999999", " 2 ", ""])],
    ]);
  }

  /** An argument: text whose commas are within calls, for the most part. */
  argument(depth, names) {
    return this.random.weighted([
      [3, () => this.words(0, 3)],
      [3, () => this.text(depth, names).replaceAll("(paren)", "")],
      [0.4, () => ""],
    ]);
  }

  call(depth, names) {
    const { random } = this;
    const arg = () => this.argument(depth, names);
    const number = () => this.number(depth - 1, names);
    const pattern = () => random.pick(PATTERNS);
    const body = random.weighted([
      [
        3,
        () => `subst ${random.pick(["e", "a", ".c", "dir/", " ", "ee"])},${random.pick(["", "X", "-", "aa"])},${arg()}`,
      ],
      [3, () => `patsubst ${pattern()},${pattern()},${arg()}`],
      [2, () => `strip ${arg()}`],
      [2, () => `findstring ${this.word()},${arg()}`],
      [2, () => `filter ${random.several(1, 2, pattern).join(" ")},${arg()}`],
      [2, () => `filter-out ${random.several(1, 2, pattern).join(" ")},${arg()}`],
      [2, () => `sort ${arg()}`],
      [1.5, () => `word ${number()},${arg()}`],
      [1.5, () => `wordlist ${number()},${number()},${arg()}`],
      [1.5, () => `words ${arg()}`],
      [1.5, () => `firstword ${arg()}`],
      [1.5, () => `lastword ${arg()}`],
      [1.5, () => `dir ${arg()}`],
      [1.5, () => `notdir ${arg()}`],
      [1.5, () => `suffix ${arg()}`],
      [1.5, () => `basename ${arg()}`],
      [1.5, () => `addsuffix ${random.pick([".x", "/", ""])},${arg()}`],
      [1.5, () => `addprefix ${random.pick(["p/", "x", ""])},${arg()}`],
      [1.5, () => `join ${arg()},${arg()}`],
      [1, () => `wildcard ${random.pick(["*.c", "dir/*", "*.h *.c", "none*", "see.c", "[sd]ee.c"])}`],
      [0.5, () => `notdir $(abspath ${random.pick(["a/../b", "./x", "dir//see.c"])})`],
      [0.5, () => `notdir $(realpath ${this.source()} missing)`],
      [3, () => `if ${arg()},${arg()},${arg()}`],
      [1.5, () => `or ${arg()},${arg()}`],
      [1.5, () => `and ${arg()},${arg()}`],
      [1, () => `intcmp ${number()},${number()},${arg()},${arg()},${arg()}`],
      [2, () => `foreach i,${arg()},${random.pick(["<$(i)>", "$(i).x", "$(call f1,$(i))", "$i$i"])}`],
      [1, () => `let p q,${arg()},${random.pick(["$q:$p", "$(words $(q))", "$(p)$(undefined)"])}`],
      [2, () => `call ${random.pick(["f1", "f2", "f1", "undefined", "notdir"])},${arg()},${arg()}`],
      [1, () => `value ${random.pick(names.length === 0 ? ["A"] : names)}`],
      [1, () => `origin ${random.pick([...VARIABLES, "CC", "MAKE", "@", "undefined"])}`],
      [1, () => `flavor ${random.pick([...VARIABLES, "undefined"])}`],
      [
        1,
        () =>
          `shell ${random.pick(["echo", "printf '%s\\n'"])} '${this.words(0, 3)}'${random.pick(["", "", "; exit 3"])}`,
      ],
      [0.2, () => `file <${random.pick(["see.c", "eff.h", "none"])}`],
      [0.3, () => `info ${this.words(1, 3)}`],
      [0.3, () => `warning ${this.words(1, 3)}`],
      [0.1, () => `error ${this.words(1, 3)}`],
      [0.3, () => `eval ${random.pick(VARIABLES)} ${random.pick(["=", ":=", "+="])} ${this.words(0, 2)}`],
    ]);
    return random.chance(0.85) ? `$(${body})` : `\${${body}}`;
  }
}
