import { expect, test } from "vitest";
import { jobId } from "../../src/base/ids.js";
import type { DebugLevel } from "../../src/events/event.js";
import { Console } from "../../src/observe/console.js";

interface Setting {
  tells: boolean;
  levels: ReadonlySet<DebugLevel>;
}

/** A console whose two outputs are one text. */
function open(setting: Partial<Setting> = {}): {
  readonly console: Console;
  readonly written: () => string;
  setting: Setting;
} {
  const current: Setting = { tells: false, levels: new Set(), ...setting };
  let text = "";
  const console = new Console({
    program: "make[1]",
    directory: "/d",
    sink: { write: (_, more) => (text += String(more)) },
    tellsDirectory: () => current.tells,
    debugLevels: () => current.levels,
    directoryPrefix: () => "",
  });
  return { console, written: () => text, setting: current };
}

test("messages begin with the program, or with their place", () => {
  const { console, written } = open();
  console.observe({ type: "message", stream: "stderr", text: "Nothing to be done for 'all'." });
  console.observe({ type: "message", stream: "stderr", text: "warning: x", location: { file: "Makefile", line: 3 } });
  expect(written()).toBe("make[1]: Nothing to be done for 'all'.\nMakefile:3: warning: x\n");
});

test("the directory is told before the first output, and left once", () => {
  const { console, written } = open({ tells: true });
  console.write("stdout", "x\n");
  console.enterDirectory();
  console.leaveDirectory();
  console.leaveDirectory();
  expect(written()).toBe("make[1]: Entering directory '/d'\nx\nmake[1]: Leaving directory '/d'\n");
});

test("a makefile may still turn the telling on or off before the first output", () => {
  const { console, written, setting } = open({ tells: true });
  setting.tells = false;
  console.write("stdout", "x\n");
  console.leaveDirectory();
  expect(written()).toBe("x\n");
});

test("a job's text goes to its group, and groups have directory lines of their own", () => {
  const { console, written } = open({ tells: true });
  let group = "";
  console.write("stdout", "read\n");
  console.leaveDirectory();
  console.useGroups((job) => (job === jobId(1) ? { write: (_, text) => (group += String(text)) } : undefined), true);
  console.write("stdout", "one\n", jobId(1));
  console.say("two", jobId(1));
  expect([written(), group, console.aroundGroup()]).toEqual([
    "make[1]: Entering directory '/d'\nread\nmake[1]: Leaving directory '/d'\n",
    "one\nmake[1]: two\n",
    { before: "make[1]: Entering directory '/d'\n", after: "make[1]: Leaving directory '/d'\n" },
  ]);
});

test("debug lines are indented by their depth, and shown when their level is", () => {
  const { console, written } = open({ levels: new Set(["basic"]) });
  console.observe({ type: "debug", level: "basic", depth: 2, text: "Must remake target 'x'." });
  console.observe({ type: "debug", level: "verbose", depth: 0, text: "Considering target file 'x'." });
  expect(written()).toBe("  Must remake target 'x'.\n");
});
