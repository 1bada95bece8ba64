/**
 * Random makefiles. A case is plain data, `{ items, files, commands }`, so that it can be shrunk piece by piece; every item is
 * the text of one statement, whole.
 */

import { Expressions, VARIABLES } from "./expressions.mjs";
import { Random } from "./random.mjs";

const DOUBLE_COLON = ["dc1", "dc2"];
const TARGETS = ["all", "t1", "t2", "t3", "see.o", "dee.o", "dir/aitch.o", "prog", "out.x", "out.z"];
const PATTERN_TARGETS = ["%.o", "%.x", "%.z", "%", "dir/%.o", "%.y", "s%.o"];
const FILES = ["see.c", "dee.c", "eff.h", "gee.y", "dir/aitch.c", "dir/see.c", "out.y", "see.o", "out.x", "prog", "t2"];
const NAMES_ALWAYS_THERE = ["see.c", "dee.c", "eff.h", "dir/aitch.c"];

/** What recipes run with `$(MAKE)`. */
const SUB_MAKEFILE = "all: see\n\t@echo $(A) $(foo) $(MAKELEVEL) $(MAKEFLAGS)\nsee: see.c ; echo $@ $^ $(origin A)\n";

/** Draws one case from its seed. */
export function generate(seed) {
  return new Grammar(new Random(seed)).case();
}

/** The case as a makefile with directives, as test/makefiles holds them. */
export function render({ items, files, commands }) {
  const lines = commands.map((command) => `#args: ${command}`);
  for (const file of files) {
    lines.push(`#file: ${file.path}@${String(file.seconds)}`);
    if (file.text !== undefined)
      lines.push(
        ...file.text
          .trimEnd()
          .split("\n")
          .map((line) => `#+${line}`),
      );
  }
  return `${[...lines, ...items.map((item) => item.trimEnd())].join("\n")}\n`;
}

/**
 * GNU make deletes a file named by -o, a source that was there before too, when it passes for an intermediate file; mpmake
 * never does, on purpose (docs/differences-from-gnu-make.md). .PRECIOUS keeps GNU make from it.
 */
function keptFiles(commands) {
  const old = commands.flatMap((command) => [...command.matchAll(/-o (\S+)/g)].map(([, file]) => file));
  return [...new Set(old)].map((file) => `.PRECIOUS: ${file}`);
}

class Grammar {
  constructor(random) {
    this.random = random;
    this.expressions = new Expressions(random);
    this.secondExpansion = false;
  }

  case() {
    const { random } = this;
    const items = ["f1 = [$(1)|$(2)]", "f2 = $(foreach i,$(1),$(2)$(i))"];
    items.push(...random.several(2, 6, () => this.variable()));
    if (random.chance(0.2)) items.push(...random.several(1, 2, () => this.specialTarget()));
    if (random.chance(0.15)) {
      this.secondExpansion = true;
      items.push(".SECONDEXPANSION:");
    }
    items.push(this.explicitRule(["all"]));
    items.push(...random.several(2, 9, () => this.statement()));
    if (random.chance(0.7)) items.push("t1 t2 t3 prog out.x out.z gee.y out.y dir/see.c:");
    const files = NAMES_ALWAYS_THERE.map((path) => this.file(path));
    files.push(...random.several(0, 4, () => this.file(random.pick(FILES))));
    if (random.chance(0.15)) {
      items.splice(random.below(items.length), 0, `${random.pick(["include", "-include"])} inc.mk`);
      files.push({ path: "inc.mk", seconds: 0, text: random.several(1, 3, () => this.statement()).join("\n") });
    }
    files.push({ path: "sub.mk", seconds: 0, text: SUB_MAKEFILE });
    const unique = [...new Map(files.map((file) => [file.path, file])).values()];
    const commands = this.commands();
    return { items: [...items, ...keptFiles(commands)], files: unique, commands };
  }

  file(path) {
    return { path, seconds: this.random.pick([0, 10, 20, 30, 40.5]) };
  }

  commands() {
    const { random } = this;
    const words = [];
    if (random.chance(0.9)) words.push("-r");
    else words.push("CC=echo");
    const options = [
      "-k",
      "-i",
      "-n",
      "-s",
      "-B",
      "-R",
      "-e",
      "-w",
      "--trace",
      "-t",
      "-q",
      "-W see.c",
      "-o dee.o",
      "-W dir/aitch.c",
    ];
    options.push("--shuffle=reverse", "--shuffle=none", "-Otarget", "-Oline", "-L", "-I dir", "-E A=evaluated", "-ks");
    options.push("--warn-undefined-variables", "--no-print-directory", "-kn", "-S", "--no-silent", "-j1", "-o see.c");
    if (random.chance(0.35)) words.push(random.pick(options));
    if (random.chance(0.1)) words.push(random.pick(options));
    if (random.chance(0.12))
      words.push(`${random.pick(["A", "B", "foo", "list"])}${random.pick(["=", ":=", "+="])}cmd`);
    if (random.chance(0.4))
      words.push(...random.several(1, 2, () => random.pick([...TARGETS, ...DOUBLE_COLON, "see.c", "gee"])));
    const command = words.join(" ");
    return random.chance(0.25) ? [command, command] : [command];
  }

  statement() {
    return this.random.weighted([
      [5, () => this.explicitRule(this.targets())],
      [3, () => this.patternRule()],
      [1.5, () => this.staticPatternRule()],
      [1, () => this.doubleColonRule()],
      [0.5, () => this.groupedRule()],
      [0.6, () => this.suffixRule()],
      [4, () => this.variable()],
      [2, () => this.targetVariable()],
      [2, () => this.conditional()],
      [1, () => this.define()],
      [1, () => this.specialTarget()],
      [0.5, () => this.vpath()],
      [0.5, () => this.evaluation()],
      [0.3, () => this.archive()],
      [0.3, () => this.remadeMakefile()],
      [0.3, () => this.flags()],
      [
        0.4,
        () =>
          this.random.pick(["# a comment", "", "undefine A", "unexport B", "export C", "export", "-include none.mk"]),
      ],
      [0.1, () => this.random.pick(["junk", "override", "ifeq (a", "all: = b", "\techo stray", "define"])],
    ]);
  }

  targets() {
    return this.random.several(1, this.random.chance(0.2) ? 3 : 1, () => this.random.pick(TARGETS));
  }

  prerequisite() {
    const { random } = this;
    return random.weighted([
      [5, () => random.pick(TARGETS)],
      [0.7, () => random.pick(DOUBLE_COLON)],
      [5, () => random.pick(NAMES_ALWAYS_THERE)],
      [1, () => random.pick(FILES)],
      [1, () => this.expressions.reference(["list", "A", "foo"])],
      [0.6, () => this.expressions.call(1, VARIABLES)],
      [0.3, () => random.pick(["*.c", "dir/*.c", "none*", "[sd]ee.c"])],
      [0.3, () => ".WAIT"],
      [this.secondExpansion ? 4 : 0, () => this.secondary()],
    ]);
  }

  secondary() {
    return this.random.pick([
      "$$@.d",
      "$$(A)",
      "$$(basename $$@).c",
      "$$(addsuffix .x,$$(@F))",
      "$$*",
      "$$(f1)",
      "$$(@D)/eff.h",
      "$$^",
      "$$<",
      "$$+",
      "$$|",
      "$$(sort $$^ $$@)",
      "$$(foreach i,$$(A),$$(wildcard $$i))",
      "$$(patsubst %.o,%.c,$$@)",
      "$$(if $$(filter %.o,$$@),dee.c,eff.h)",
      "$(A) $$(B)",
    ]);
  }

  prerequisites(low = 0, high = 3) {
    const { random } = this;
    const normal = random.several(low, high, () => this.prerequisite()).join(" ");
    if (!random.chance(0.12)) return normal;
    return `${normal} | ${random.several(1, 2, () => this.prerequisite()).join(" ")}`;
  }

  recipeLine() {
    const { random, expressions } = this;
    const prefix = random.pick(["", "", "@", "@", "@", "-", "-@", "+", "@ "]);
    const text = random.weighted([
      [4, () => `echo '${random.several(1, 3, () => expressions.automatic()).join(" ")}'`],
      [3, () => `echo '${expressions.text(2).replaceAll("'", "")}'`],
      [4, () => "touch $@"],
      [1, () => "cp $< $@"],
      [1, () => `printf '[%s]\\n' ${expressions.automatic()} ${expressions.reference(VARIABLES)}`],
      [0.6, () => random.pick(["false", "exit 3", "false; echo after", "test -f $@", "kill -9 $$$$"])],
      [0.4, () => `${random.pick(["", ":", "$(undefined)", "no-such-program-here $@"])}`],
      [0.5, () => `echo "$$${random.pick(["A", "B", "foo", "MAKELEVEL"])}"`],
      [0.4, () => `echo one \\\n\ttwo ${expressions.reference(VARIABLES)} \\\n  three`],
      [0.3, () => `$(info ${expressions.words(1, 2)}) echo $(words $^)`],
      [0.15, () => `$(MAKE) -f sub.mk ${random.pick(["", "-s", "A=sub", "see", "-k"])}`],
      [0.2, () => `$(eval ${random.pick(VARIABLES)} := ${expressions.words(0, 2)})`],
    ]);
    return `${prefix}${text}`;
  }

  recipe(low, high) {
    const lines = this.random.several(low, high, () => this.recipeLine());
    if (lines.length === 0) return "";
    if (this.random.chance(0.1))
      return `; ${lines[0]}${lines
        .slice(1)
        .map((line) => `\n\t${line}`)
        .join("")}`;
    return lines.map((line) => `\n\t${line}`).join("");
  }

  explicitRule(targets) {
    const low = this.random.chance(0.75) ? 1 : 0;
    return `${targets.join(" ")}: ${this.prerequisites()}${this.recipe(low, low * 3)}`;
  }

  patternRule() {
    const { random } = this;
    const target = random.several(1, random.chance(0.15) ? 2 : 1, () => random.pick(PATTERN_TARGETS)).join(" ");
    const colon = random.chance(0.1) ? "::" : ":";
    const sources = ["%.c", "%.y", "%.h", "dir/%.c", "%.x", "eff.h", "%", "%.o", "gee.y"];
    const from = random.several(0, 2, () => random.pick(sources)).join(" ");
    const extra = this.secondExpansion && random.chance(0.3) ? ` ${this.secondary()}` : "";
    const orderOnly = random.chance(0.1) ? " | eff.h" : "";
    return `${target}${colon} ${from}${extra}${orderOnly}${this.recipe(random.chance(0.9) ? 1 : 0, 2)}`;
  }

  staticPatternRule() {
    const { random } = this;
    const objects = random.several(1, 3, () => random.pick(["see.o", "dee.o", "dir/aitch.o", "out.x"])).join(" ");
    const from = random.pick(["%.c", "%.c eff.h", "dir/%.c", "%.y", ""]);
    return `${objects}: ${random.pick(["%.o", "%.o", "%", "%.x"])}: ${from}${this.recipe(1, 2)}`;
  }

  doubleColonRule() {
    const target = this.random.pick(this.random.chance(0.95) ? DOUBLE_COLON : TARGETS);
    return `${target}:: ${this.prerequisites(0, 2)}${this.recipe(1, 2)}`;
  }

  groupedRule() {
    const { random } = this;
    return `${random.several(2, 3, () => random.pick(TARGETS)).join(" ")} ${random.pick(["&:", "&:", "&::"])} ${this.prerequisites(0, 2)}${this.recipe(1, 2)}`;
  }

  suffixRule() {
    return `${this.random.pick([".SUFFIXES: .c .o .x .y\n", "", ".SUFFIXES:\n"])}${this.random.pick([".c.o:", ".y.x:", ".c:", ".y.o:"])}${this.recipe(1, 2)}`;
  }

  specialTarget() {
    const { random } = this;
    const names = () => random.several(1, 2, () => random.pick(TARGETS)).join(" ");
    return random.weighted([
      [4, () => `.PHONY: ${names()}`],
      [1, () => `.PRECIOUS: ${random.pick(["%.x", "%.o", "see.o"])}`],
      [1, () => `.SECONDARY: ${random.pick(["", "see.o", "out.x"])}`],
      [1, () => `.INTERMEDIATE: ${random.pick(["see.o", "out.x", "dee.o"])}`],
      [0.7, () => `.NOTINTERMEDIATE: ${random.pick(["", "%.x", "see.o"])}`],
      [0.7, () => ".DELETE_ON_ERROR:"],
      [0.7, () => `.IGNORE: ${random.pick(["", "t1", "see.o"])}`],
      [0.7, () => `.SILENT: ${random.pick(["", "t1", "all"])}`],
      [0.5, () => ".ONESHELL:"],
      [0.4, () => ".POSIX:"],
      [0.4, () => ".EXPORT_ALL_VARIABLES:"],
      [0.4, () => ".NOTPARALLEL:"],
      [0.7, () => `.DEFAULT:${this.recipe(1, 1)}`],
      [0.5, () => `.DEFAULT_GOAL = ${random.pick(TARGETS)}`],
      [0.4, () => `.EXTRA_PREREQS = ${random.pick(["eff.h", "t3"])}`],
    ]);
  }

  vpath() {
    return this.random.pick(["VPATH = dir", "vpath %.c dir", "vpath %.h dir:.", "vpath %.c", "vpath", "GPATH = dir"]);
  }

  /** Members of an archive that is not there, and rules for them. */
  archive() {
    return this.random.pick([
      "all: lib.a(see.o)",
      "prog: lib.a(see.o dee.o)\n\techo '$^ $+ $?'",
      "(%.o): %.c ; @echo '$@ $% $* $<'",
      "lib.a: lib.a(dee.o) ; @echo '$@ $^'",
      "lib.a(%.o): %.c ; @echo '$@ $% $*'",
      "t1: lib.a(see.o) | lib.a(dee.o)",
    ]);
  }

  /** A makefile that is made while make runs. */
  remadeMakefile() {
    const { random } = this;
    const text = random.pick(["A = made", "t3: see.c", "$$(info made)", "-include none.mk"]);
    return `${random.pick(["include", "-include", "-include"])} gen.mk\ngen.mk: ${random.pick(["", "see.c", "dee.c eff.h", "| t3"])}\n\t${random.pick(["", "@"])}echo '${text}' > $@`;
  }

  flags() {
    return `MAKEFLAGS ${this.random.pick(["+=", "+=", ":=", "="])} ${this.random.pick(["-k", "-s", "-i", "-w", "k", "-r", "-R", "-n", "--trace", "--warn-undefined-variables", "--no-print-directory", "-e", "B=flag"])}`;
  }

  evaluation() {
    const { random } = this;
    const name = random.pick(["ev1", "t1", "t3", "out.z"]);
    return random.weighted([
      [1, () => `$(eval ${name}: see.c ; @echo eval $$@)`],
      [1, () => `define gen\n${name}: ${this.prerequisite()}\n\t@echo generated $$@ $$<\nendef\n$(eval $(gen))`],
      [1, () => `$(foreach t,t1 t3,$(eval $(t)_v := ${this.expressions.words(0, 2)}))`],
      [1, () => `$(info ${this.expressions.text(2)})`],
    ]);
  }

  /** A variable; a recursive value names only variables further down the list, so that few need themselves. */
  variable() {
    const { random } = this;
    const index = random.below(VARIABLES.length);
    const operator = random.pick(["=", "=", "=", ":=", ":=", "+=", "+=", "?=", "::=", ":::="]);
    const lazy = operator === "=" || operator === "+=" || operator === "?=";
    const names =
      lazy && random.chance(0.97) ? VARIABLES.slice(index + 1).filter((name) => !name.startsWith("f")) : VARIABLES;
    const prefix = random.weighted([
      [10, () => ""],
      [1, () => "export "],
      [0.5, () => "override "],
      [0.3, () => "private "],
    ]);
    const name = random.chance(0.05) ? `$(D)_v` : VARIABLES[index];
    if (name === "f1" || name === "f2")
      return `${name} = ${random.pick(["<$(1)>", "$(1)$(2)", "$(words $(1)),$(2)", "$(0)=$(1)"])}`;
    if (random.chance(0.04)) return `${prefix}${name} != echo ${this.expressions.words(0, 2)}`;
    const comment = random.chance(0.05) ? "  # comment" : "";
    return `${prefix}${name} ${operator} ${this.expressions.text(3, names)}${comment}`;
  }

  targetVariable() {
    const { random } = this;
    const target = random.chance(0.7) ? random.pick(TARGETS) : random.pick(PATTERN_TARGETS);
    const prefix = random.weighted([
      [5, () => ""],
      [4, () => random.pick(["export ", "override ", "private ", "unexport "])],
      [1, () => random.pick(["export override ", "private export ", "override private ", "unexport private "])],
    ]);
    const operator = random.pick(["=", ":=", "+=", "?=", "+=", "::=", ":::="]);
    return `${target}: ${prefix}${random.pick(["A", "B", "C", "foo"])} ${operator} ${this.expressions.text(1, ["D", "list"])}`;
  }

  conditional() {
    const { random } = this;
    const test = random.weighted([
      [2, () => `ifeq (${this.expressions.reference(VARIABLES)},${this.expressions.word()})`],
      [1, () => `ifneq "${this.expressions.reference(VARIABLES)}" "${this.expressions.words(0, 1)}"`],
      [2, () => `${random.pick(["ifdef", "ifndef"])} ${random.pick([...VARIABLES, "undefined"])}`],
      [1, () => `ifneq (,$(filter ${this.expressions.word()},${this.expressions.text(1)}))`],
    ]);
    const body = () => random.several(0, 2, () => this.statement()).join("\n");
    const otherwise = random.weighted([
      [2, () => ""],
      [2, () => `\nelse\n${body()}`],
      [1, () => `\nelse ifdef ${random.pick(VARIABLES)}\n${body()}\nelse\n${body()}`],
    ]);
    return `${test}\n${body()}${otherwise}\nendif`;
  }

  define() {
    const { random } = this;
    const operator = random.pick(["", "", " =", " :=", " +=", " ?=", " ::=", " :::="]);
    const prefix = random.pick(["", "", "", "", "", "override ", "export "]);
    const lines = random.several(
      1,
      3,
      () =>
        `${random.pick(["", "@", "\t"])}echo ${this.expressions.words(1, 2)} ${random.pick(["$@", "$(D)", "", "$^", "$<"])}`,
    );
    return `${prefix}define ${random.pick(["canned", "list", "A"])}${operator}\n${lines.join("\n")}\nendef${random.chance(0.5) ? "\nt2:\n\t$(canned)" : ""}`;
  }
}
