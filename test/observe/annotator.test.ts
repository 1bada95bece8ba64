/** What `--annotate` makes of output, by what GitHub's runner would show. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { jobId, invocationId } from "../../src/base/ids.js";
import { toBytes } from "../../src/base/latin1.js";
import { Annotator } from "../../src/observe/annotator.js";
import { CI_DIALECTS } from "../../src/observe/ci-dialect.js";
import { RunnerLog } from "../rig/action-runner.js";

const [one, two] = [jobId(1), jobId(2)];

/** An annotator of a make in /src/top, and what it has written. */
function annotated(dialect = CI_DIALECTS.github("token")) {
  let text = "";
  const annotator = new Annotator({
    dialect,
    sink: { write: (_, piece) => (text += piece as string) },
    nowMs: () => Date.now(),
    directory: "/src/top",
    tops: ["/link", "/src"],
  });
  annotator.observe({ type: "make-began", invocation: invocationId(0), above: undefined, directory: "/src/top" });
  for (const job of [one, two])
    annotator.observe({ type: "job-planned", job, invocation: invocationId(0), target: "t", recursive: false });
  const shown = (): RunnerLog => {
    const log = new RunnerLog();
    for (const line of text.split("\n").slice(0, -1)) log.take(line);
    return log;
  };
  return { annotator, shown, text: () => text };
}

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const sub = (...lines: readonly string[]): string =>
  ["make[1]: Entering directory '/src/top/sub'", ...lines, "make[1]: Leaving directory '/src/top/sub'", ""].join("\n");

test("what a recipe prints is shown when it has ended, in the group of its directory", () => {
  const { annotator, shown } = annotated();
  annotator.write("stdout", "one a\n", one);
  annotator.write("stdout", "two a\n", two);
  annotator.write("stderr", toBytes("one b\none "), one);
  annotator.write("stdout", "c", one);
  expect(shown().groups).toEqual([]);
  annotator.end(one);
  expect(shown().groups).toEqual([{ title: "top", lines: ["one a", "one b", "one c"] }]);
  annotator.end(two);
  expect(shown().groups).toEqual([{ title: "top", lines: ["one a", "one b", "one c", "two a"] }]);
});

test("directories that take turns have a group each for a while", () => {
  const { annotator, shown } = annotated();
  for (let i = 0; i < 3; i++) annotator.write("stdout", `up ${String(i)}\n${sub(`down ${String(i)}`)}`, one);
  annotator.end(one);
  expect(shown().groups).toEqual([{ title: "top", lines: ["up 0", "up 1", "up 2"] }]);
  vi.advanceTimersByTime(2500);
  expect(shown().groups.slice(1)).toEqual([{ title: "top/sub", lines: ["down 0", "down 1", "down 2"] }]);
});

test("what takes long is shown as it comes, and its last lines again if it fails", () => {
  const { annotator, shown } = annotated();
  annotator.write("stdout", "begins\n", one);
  vi.advanceTimersByTime(4000);
  expect(shown().groups).toEqual([]);
  vi.advanceTimersByTime(1500);
  annotator.write("stdout", "goes on\n", one);
  expect(shown().groups).toEqual([{ title: "top", lines: ["begins", "goes on"] }]);
  annotator.write("stderr", "make: *** [Makefile:1: t] Error 1\n", one);
  annotator.end(one);
  expect(shown().open).toEqual([
    "mpmake: again, what was printed last in top:",
    "begins",
    "goes on",
    "make: *** [Makefile:1: t] Error 1",
  ]);
});

test("so is what is long", () => {
  const { annotator, shown } = annotated();
  annotator.write("stdout", `${"x".repeat(99)}\n`.repeat(3000), one);
  expect(shown().groups[0]?.lines).toHaveLength(3000);
  annotator.write("stderr", "make: *** [Makefile:1: t] Error 1\n", one);
  expect(shown().open).toHaveLength(52);
});

test("nothing is kept of a sub-make that writes as it goes: each failure is shown when it happens", () => {
  const { annotator, shown } = annotated();
  annotator.write("stdout", "make[1]: Entering directory '/src/top/sub'\nbegins\n", one);
  vi.advanceTimersByTime(6000);
  annotator.write("stdout", "make[1]: *** [Makefile:1: a] Error 1\ngoes on\n", one);
  annotator.write("stdout", "make[1]: *** [Makefile:2: b] Error 1\n", one);
  expect(shown().open).toEqual([
    ...["mpmake: again, what was printed last in top/sub:", "begins", "make[1]: *** [Makefile:1: a] Error 1"],
    ...["goes on", "make[1]: *** [Makefile:2: b] Error 1"],
  ]);
});

test("make's own words stand in the open, at once", () => {
  const { annotator, shown } = annotated();
  annotator.write("stdout", "from a recipe\n", one);
  annotator.end(one);
  annotator.write("stderr", "mpmake: node n1 is left out: it does not answer\n");
  annotator.write("stderr", "Makefile:3: *** missing separator.  Stop.\n");
  annotator.finish();
  const { groups, open, commands } = shown();
  expect(groups).toEqual([{ title: "top", lines: ["from a recipe"] }]);
  expect(open).toEqual([
    "mpmake: node n1 is left out: it does not answer",
    "Makefile:3: *** missing separator.  Stop.",
  ]);
  expect(commands).toMatchObject([{ name: "error", properties: { file: "top/Makefile", line: "3" } }]);
});

test("a failure counts once, however many makes tell of it, and two count twice", () => {
  const { annotator, shown } = annotated();
  annotator.write("stdout", sub("make[2]: *** [Makefile:9: deep] Error 1"), one);
  annotator.write("stdout", sub("make[1]: *** [Makefile:5: x] Error 2"), one);
  annotator.write("stdout", "make: *** [Makefile:2: sub] Error 2\n", one);
  annotator.end(one);
  annotator.write("stdout", "make: *** [Makefile:3: other] Error 2\n", two);
  annotator.end(two);
  annotator.finish();
  expect(shown().commands.map(({ properties }) => [properties["file"], properties["line"]])).toEqual([
    ["top/sub/Makefile", "9"],
    ["top/Makefile", "3"],
  ]);
});

test("commands in output are obeyed by nobody, and ours are while it is written and behind it", () => {
  const { annotator, shown } = annotated();
  annotator.write("stdout", "::stop-commands::other\n::other::\n::error::x\n::token2::\n", one);
  annotator.end(one);
  annotator.finish();
  const log = shown();
  expect(log.commands).toEqual([]);
  expect(log.groups[0]?.lines).toEqual(["::stop-commands::other", "::other::", "::error::x", "::token2::"]);
  log.take("::notice::from the next command");
  expect(log.commands).toMatchObject([{ name: "notice" }]);
});

test("diagnostics are noted once each, and only those of the sources", () => {
  const { annotator, shown } = annotated();
  const lines = [
    ...["inc/a.h:1:2: warning: w", "inc/a.h:1:2: warning: w", "/usr/include/x.h:3: warning: not ours"],
    ...["/src/top/b.c:4:5: error: absolute", "../c.c:6: error: above"],
  ];
  annotator.write("stderr", lines.map((line) => `${line}\n`).join(""), one);
  annotator.end(one);
  annotator.finish();
  expect(shown().commands.map(({ name, properties, data }) => [name, properties["file"], data])).toEqual([
    ["error", "top/b.c", "absolute"],
    ["error", "c.c", "above"],
    ["warning", "top/inc/a.h", "w"],
  ]);
});

test("properties and texts are escaped, each as it has to be", () => {
  const { text, annotator } = annotated();
  annotator.write("stderr", "50% off\r\na, b\nmake: *** [a,b:c%.mk:1: t] Error 1\n", one);
  annotator.end(one);
  annotator.finish();
  expect(text()).toContain(
    "\n::error file=top/a%2Cb%3Ac%25.mk,line=1,title=recipe for t failed::t: Error 1%0A50%25 off%0D%0Aa, b\n",
  );
});

describe("the log of GitLab", () => {
  test("has a section for each group, collapsed, and failures in the open", () => {
    vi.setSystemTime(1_700_000_000_999);
    const { annotator, text } = annotated(CI_DIALECTS.gitlab("0123456789abcdef"));
    annotator.write("stdout", "well\n", one);
    annotator.end(one);
    annotator.write("stdout", "a.c:1:2: error: ill\nmake: *** [Makefile:2: t] Error 1\n", two);
    annotator.end(two);
    annotator.finish();
    expect(text()).toBe(
      [
        "section_start:1700000000:mpmake_01234567_1[collapsed=true]\r\x1b[0Ktop",
        "well",
        "section_end:1700000000:mpmake_01234567_1\r\x1b[0K",
        "a.c:1:2: error: ill",
        "make: *** [Makefile:2: t] Error 1",
        "\x1b[31;1merror:\x1b[0m top/Makefile:2: t: Error 1",
        "\x1b[31;1merror:\x1b[0m top/a.c:1:2: ill",
        "",
      ].join("\n"),
    );
  });
});
