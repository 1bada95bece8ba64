import { expect, test } from "vitest";
import { invocationId, jobId, LOCAL_NODE, nodeId } from "../../src/base/ids.js";
import { UserError } from "../../src/base/user-error.js";
import type { Job, Runner } from "../../src/sched/job.js";
import type { Cluster } from "../../src/session/cluster.js";
import { LazyPlacement } from "../../src/session/lazy-placement.js";

const job: Job = {
  id: jobId(1),
  invocation: invocationId(1),
  target: "x",
  writes: [],
  needs: [],
  lines: [],
  oneShell: false,
  shell: "/bin/sh",
  shellFlags: "-c",
  environment: [],
  directory: "/",
  local: false,
  noRetry: false,
};

function runnerOn(name: string): Runner {
  return { node: nodeId(name), run: () => Promise.reject(new Error("internal error: not run here")) };
}

const here = runnerOn(LOCAL_NODE);
const there = runnerOn("there");

function clusterOf(closed: string[]): Cluster {
  const done = (): Promise<void> => Promise.resolve();
  const close = (): Promise<void> => {
    closed.push("closed");
    return done();
  };
  const placement = { choose: () => there, onChange: () => () => undefined };
  return { placement, ready: done, answered: done, close, [Symbol.asyncDispose]: close };
}

test("nothing is opened before a job needs it, and then once", async () => {
  const closed: string[] = [];
  let opened = 0;
  const lazy = new LazyPlacement(() => {
    opened++;
    return Promise.resolve(clusterOf(closed));
  }, here);
  expect([lazy.choose({ ...job, local: true }), opened]).toEqual([here, 0]);
  const changed = new Promise<void>((resolve) => lazy.onChange(resolve));
  expect([lazy.choose(job), lazy.choose(job), opened]).toEqual([undefined, undefined, 1]);
  await changed;
  expect([lazy.choose(job), lazy.failure]).toEqual([there, undefined]);
  await lazy.close();
  expect(closed).toEqual(["closed"]);
});

test("what cannot be opened is a failure", async () => {
  const lazy = new LazyPlacement(() => Promise.reject(new UserError("there is no key file k")), here);
  const changed = new Promise<void>((resolve) => lazy.onChange(resolve));
  lazy.choose(job);
  await changed;
  expect([lazy.choose(job), lazy.failure?.message]).toEqual([undefined, "there is no key file k"]);
  await lazy.close();
});

test("closing what is being opened waits for it and closes it; what was never opened is left alone", async () => {
  const closed: string[] = [];
  const lazy = new LazyPlacement(() => Promise.resolve(clusterOf(closed)), here);
  await lazy.close();
  expect(closed).toEqual([]);
  lazy.choose(job);
  await lazy.close();
  expect(closed).toEqual(["closed"]);
});
