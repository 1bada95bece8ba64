/** Claim: how long reading a makefile of a hundred thousand lines takes. */

import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch } from "./lib/measure.mjs";
import { findPrograms } from "./lib/programs.mjs";

const LINES = quick ? 10_000 : 100_000;

/** Twenty lines of what large makefiles hold; `n` makes the names its own. */
function block(n) {
  return `# module ${n}
module${n}_SRCS := a${n}.c b${n}.c c${n}.c
module${n}_SRCS += d${n}.c \\
	e${n}.c
module${n}_CFLAGS = $(CFLAGS) -Imodule${n} $(module${n}_EXTRA)
module${n}_OBJS := $(patsubst %.c,out/%.o,$(module${n}_SRCS))
ifeq ($(CONFIG_${n % 7}),y)
module${n}_EXTRA = -DCONFIG=${n}
all-modules += module${n}
else
all-modules += $(if $(filter ${n % 13},1 2 3),module${n})
endif
module${n}: private LOCAL = ${n}
module${n}: $(module${n}_OBJS) | out
	@echo linking $@ from $^
	$(LD) -o $@ $(module${n}_OBJS)

out/a${n}.o out/b${n}.o: include/common.h include/m${n}.h
out/c${n}.o: CFLAGS += -O3
`;
}

const folder = scratch("parse");
const head = "all: ;\nCFLAGS = -O2\nCONFIG_1 = y\nCONFIG_3 = y\nout: ; mkdir $@\n";
let text = head;
let lines = head.split("\n").length - 1;
for (let n = 0; lines < LINES; n++) {
  text += block(n);
  lines += 20;
}
fs.writeFileSync(path.join(folder, "Makefile"), text);

const { found, absent } = findPrograms(["gnu", "remake", "ckati"]);
report({
  name: "parse",
  title: `Parse: a makefile of ${lines} lines (${(text.length / 1e6).toFixed(1)} MB), goal up to date`,
  rows: compare(
    found.map(({ title, family, program }) => ({
      title,
      command: family === "ckati" ? [program, "-c", "all"] : [program, "all"],
      cwd: folder,
    })),
    { runs: quick ? 1 : 9 },
  ),
  absent,
});
