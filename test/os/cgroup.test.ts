import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterEach, expect, test, type TestContext } from "vitest";
import { type CgroupHouse, openCgroupHouse } from "../../src/os/cgroup.js";

const houses: CgroupHouse[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  for (const house of houses.splice(0)) house.close();
});

function openHouse(context: TestContext): CgroupHouse {
  const house = openCgroupHouse();
  context.skip(house === undefined, "no control groups (version 2) can be made here");
  houses.push(house as CgroupHouse);
  return house as CgroupHouse;
}

function startSleep(): ChildProcess {
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  children.push(child);
  return child;
}

const groupOf = (pid: number | undefined): string =>
  /^0::(.*)$/m.exec(readFileSync(`/proc/${String(pid)}/cgroup`, "latin1"))?.[1] ?? "";

test("a group holds what was started in it, not this process, and is killed without it", async (context) => {
  const house = openHouse(context);
  const own = groupOf(process.pid);
  const group = house.open();
  const child = group?.within(startSleep);
  expect(group?.members()).toEqual([child?.pid]);
  expect(groupOf(child?.pid)).toMatch(new RegExp(`/mpmake-${String(process.pid)}/${group?.name ?? ""}$`));
  const exit = once(child as ChildProcess, "exit");
  group?.kill();
  expect(await exit).toEqual([null, "SIGKILL"]);
  expect(groupOf(process.pid)).toBe(own);
});

test("the next job has the group of one that left nothing behind, and another one else", async (context) => {
  const house = openHouse(context);
  const first = house.open();
  const child = first?.within(startSleep) as ChildProcess;
  first?.release();
  const second = house.open();
  expect(second?.name).not.toBe(first?.name);
  second?.within(() => undefined);
  second?.release();
  expect(house.open()?.name).toBe(second?.name);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(house.open()?.name).toBe(first?.name);
});

test("what is started after leaving is in no job's group, nor is what is started for a job at the same time", (context) => {
  const house = openHouse(context);
  const own = groupOf(process.pid);
  const [first, second] = [house.open(), house.open()];
  const pids = [first, second, first].map((group) => group?.within(startSleep).pid);
  expect([first?.members(), second?.members()]).toEqual([[pids[0], pids[2]], [pids[1]]]);
  house.leave();
  expect(groupOf(startSleep().pid)).toBe(own);
});

test("a group that was taken away while it was empty is made again", (context) => {
  const house = openHouse(context);
  const group = house.open();
  openCgroupHouse(); // sweeps what is empty, as a worker that starts does
  const child = group?.within(startSleep);
  expect(group?.members()).toEqual([child?.pid]);
});
