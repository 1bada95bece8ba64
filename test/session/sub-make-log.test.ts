/** What a first make hears of sub-makes that are processes. */

import { appendFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { invocationId, jobId, LOCAL_NODE } from "../../src/base/ids.js";
import type { MakeEvent } from "../../src/events/event.js";
import { SubMakeLog, SubMakeTeller } from "../../src/session/sub-make-log.js";
import { temporaryDirectory } from "../rig/temporary.js";

/** A make in that directory, which has one job; each counts from 0. */
function makeIn(directory: string): readonly MakeEvent[] {
  const [invocation, job] = [invocationId(0), jobId(0)];
  return [
    { type: "make-began", invocation, above: undefined, directory },
    { type: "job-planned", job, invocation, target: "t", recursive: false },
    { type: "message", stream: "stderr", text: "not for others" },
    {
      ...{ type: "job-ended", job, target: "t", node: LOCAL_NODE },
      ...{ status: { kind: "exited", code: 0 }, startedMs: 1, endedMs: 2 },
    },
  ];
}

function tell(log: SubMakeLog, events: readonly MakeEvent[]): void {
  const teller = SubMakeTeller.of(log.invitation);
  for (const event of events) teller?.observe(event);
  teller?.tell();
}

function heard(log: SubMakeLog): readonly MakeEvent[] {
  const events: MakeEvent[] = [];
  log.close((event) => events.push(event));
  return events;
}

test("makes that count alike are told apart, and only what counts is told", () => {
  const log = new SubMakeLog(temporaryDirectory());
  tell(log, makeIn("/a"));
  tell(log, makeIn("/b"));
  const events = heard(log);
  expect(events.map(({ type }) => type)).toEqual([
    ...["make-began", "job-planned", "job-ended", "make-began", "job-planned", "job-ended"],
  ]);
  const jobs = events.flatMap((event) => (event.type === "job-ended" ? [event.job] : []));
  const planned = events.flatMap((event) => (event.type === "job-planned" ? [event.job] : []));
  expect(planned).toEqual(jobs);
  expect(new Set(jobs).size).toBe(2);
  const makes = events.flatMap((event) => (event.type === "make-began" ? [event.invocation] : []));
  expect(events.flatMap((event) => (event.type === "job-planned" ? [event.invocation] : []))).toEqual(makes);
  expect(new Set([...makes, ...jobs]).size).toBe(4);
});

test("a make between hands on what it has heard, and tells its own", () => {
  const directory = temporaryDirectory();
  const first = new SubMakeLog(directory);
  const teller = SubMakeTeller.of(first.invitation);
  const between = new SubMakeLog(directory);
  tell(between, makeIn("/a/b"));
  for (const event of makeIn("/a")) teller?.observe(event);
  between.close((event) => teller?.observe(event));
  teller?.tell();
  const directories = heard(first).flatMap((event) => (event.type === "make-began" ? [event.directory] : []));
  expect(directories).toEqual(["/a", "/a/b"]);
});

test("a line that was cut off counts for nothing, and nothing is left behind", () => {
  const directory = temporaryDirectory();
  const log = new SubMakeLog(directory);
  tell(log, makeIn("/a"));
  const [file = "?"] = readdirSync(directory);
  appendFileSync(join(directory, file), '[{"type":"make-be\n[{"type":"make-began"');
  expect(heard(log)).toHaveLength(3);
  expect(existsSync(join(directory, file))).toBe(false);
});
