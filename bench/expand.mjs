/** Claim: how long expanding takes: templates, loops, lists that grow, words sorted and filtered, commands run for their output. */

import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch } from "./lib/measure.mjs";
import { findPrograms } from "./lib/programs.mjs";

/** `$(foreach)` within `$(foreach)`: `body` for each of the numbers of so many digits, `$(n)`. */
function forEachNumber(digits, body) {
  const names = ["a", "b", "c", "d"].slice(0, digits);
  const inner = body.replaceAll("$(n)", names.map((name) => `$(${name})`).join(""));
  return names.reduceRight((nested, name) => `$(foreach ${name},$(digits),${nested})`, inner);
}

const many = quick ? 3 : 4;
const some = many - 1;

const CASES = [
  {
    name: "templates",
    title: `${10 ** some} times $(eval $(call template))`,
    text: `define template
$(1)-objs := $$(addprefix $(1)/,a.o b.o c.o $$($(1)-extra))
$(1)-y += $$(filter %.o,$$($(1)-objs))
ifneq ($$($(1)-y),)
built += $(1)/built-in.a
$(1)/built-in.a: $$($(1)-y)
	@echo AR $$@
endif
$(1)/%.o: $(1)/%.c
	@echo CC $$@
endef
${forEachNumber(some, "$(eval $(call template,dir$(n)))")}
`,
  },
  {
    name: "loop",
    title: `$(foreach) over ${10 ** many} words`,
    text: `words := ${forEachNumber(many, "w$(n)")}
x := $(foreach i,$(words),$(if $(filter %7,$i),$(patsubst w%,obj/%.o,$i),$(i:w%=%)))
`,
  },
  {
    name: "append",
    title: `${2 * 10 ** many} times +=`,
    text: `simple :=
${forEachNumber(many, "$(eval recursive += item-$(n).o)$(eval simple += item-$(n).o)")}
x := $(words $(recursive)) $(words $(simple))
`,
  },
  {
    name: "words",
    title: `sort, filter, notdir … of ${2 * 10 ** many} words`,
    text: `words := ${forEachNumber(many, "dir$(a)/file$(n).c dir$(b)/x$(n).h")}
sorted := $(sort $(words))
x := $(filter %.c,$(words)) $(filter-out $(wordlist 1,${3 * 10 ** some},$(sorted)),$(words))
x += $(notdir $(words)) $(dir $(words)) $(basename $(words)) $(suffix $(words)) $(words:.c=.o)
x += $(word ${10 ** some},$(words)) $(lastword $(words)) $(firstword $(words))
`,
  },
  {
    name: "recursion",
    title: `a $(call) that calls itself ${10 ** some} times, each with a list`,
    text: `words := ${forEachNumber(some, "n$(n)")}
reverse = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
x := $(call reverse,$(words))
`,
  },
  {
    name: "shell",
    title: `${10 ** (some - 1)} times $(shell)`,
    text: `x := ${forEachNumber(some - 1, "$(shell echo $(n))")}\n`,
  },
];

const folder = scratch("expand");
const { found, absent } = findPrograms(["gnu", "remake"]);
for (const { name, title, text } of CASES) {
  const makefile = path.join(folder, `${name}.mk`);
  fs.writeFileSync(makefile, `all: ;\ndigits := 0 1 2 3 4 5 6 7 8 9\n${text}`);
  const contenders = found.map((each) => ({
    title: each.title,
    command: [each.program, "-f", makefile, "all"],
    cwd: folder,
  }));
  report({
    name: `expand-${name}`,
    title: `Expand: ${title}`,
    rows: compare(contenders, { runs: quick ? 3 : 7 }),
    absent,
  });
}
