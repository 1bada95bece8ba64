import { expect, test } from "vitest";
import type { ExitStatus } from "../../src/base/exit-status.js";
import { nodeId } from "../../src/base/ids.js";
import { reportFailedLine } from "../../src/exec/report.js";

function report(status: ExitStatus, ignored = false): readonly string[] {
  const location = { file: "Makefile", line: 2 };
  const { whyUnstarted, verdict } = reportFailedLine({ target: "all", location, status, ignored });
  return whyUnstarted === undefined ? [verdict] : [whyUnstarted, verdict];
}

test("a failed line is told in GNU make's words", () => {
  expect(report({ kind: "exited", code: 3 })).toEqual(["*** [Makefile:2: all] Error 3"]);
  expect(report({ kind: "exited", code: 3 }, true)).toEqual(["[Makefile:2: all] Error 3 (ignored)"]);
  expect(report({ kind: "signalled", signal: 15, core: false })).toEqual(["*** [Makefile:2: all] Terminated"]);
  expect(report({ kind: "signalled", signal: 15, core: false }, true)).toEqual([
    "[Makefile:2: all] Terminated (ignored)",
  ]);
  expect(report({ kind: "signalled", signal: 11, core: true })).toEqual([
    "*** [Makefile:2: all] Segmentation fault (core dumped)",
  ]);
  expect(report({ kind: "signalled", signal: 36, core: false })).toEqual(["*** [Makefile:2: all] Real-time signal 2"]);
});

test("what could not be executed is named first, and counts as 127 whatever the reason", () => {
  expect(report({ kind: "unstarted", errno: "EACCES", program: "./x", code: 126 })).toEqual([
    "./x: Permission denied",
    "*** [Makefile:2: all] Error 127",
  ]);
});

test("a lost node is named with the reason", () => {
  const status = { kind: "lost", node: nodeId("n1"), started: true, reason: "no answer for 3.5 s" } as const;
  expect(report(status)).toEqual(["*** [Makefile:2: all] Lost with node n1 (no answer for 3.5 s)"]);
});

test("a built-in recipe has no line", () => {
  const location = { file: "<builtin>", line: 0 };
  const status = { kind: "exited", code: 1 } as const;
  expect(reportFailedLine({ target: "x.o", location, status, ignored: false })).toEqual({
    whyUnstarted: undefined,
    verdict: "*** [<builtin>: x.o] Error 1",
  });
});
