import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needsFaketime, needsRoot, Rig, withClockOff } from "./rig.js";

interface Finding {
  readonly probe: string;
  readonly verdict: "ok" | "warning" | "error";
  readonly text: string;
  readonly fix?: string;
}

describe("mpmake --doctor", () => {
  let rig: Rig;

  beforeAll(() => void (rig = new Rig()));
  afterAll(() => rig[Symbol.asyncDispose]());

  /** What is found of one worker that is started behind `wrapper`. */
  async function findingsOf(
    wrapper: readonly string[],
    words: readonly string[] = [],
  ): Promise<{ readonly status: number | string; readonly found: Readonly<Record<string, Finding>> }> {
    const { nodes } = await rig.startWorkers({ count: 1, wrapper: () => wrapper });
    const { status, stdout } = await rig.make(["--doctor", "--json", "--nodes", nodes, ...words]);
    const [diagnosis] = JSON.parse(stdout) as { readonly node: string; readonly found: readonly Finding[] }[];
    return { status, found: Object.fromEntries((diagnosis?.found ?? []).map((finding) => [finding.probe, finding])) };
  }

  test("a node that is as this machine", async () => {
    const { status, found } = await findingsOf([]);
    expect(status).toBe(0);
    const names = [
      "uid",
      "gid",
      "groups",
      "umask",
      "system",
      "sh in PATH",
      "directory",
      "locks",
      "reach",
      "file times",
    ];
    expect(names.map((name) => [name, found[name]?.verdict])).toEqual(names.map((name) => [name, "ok"]));
    expect(found["latency"]?.text).toMatch(/^[\d.]+ ms there and back$/);
    expect(found["throughput"]?.text).toMatch(/^[\d.]+ MB\/s of output$/);
  });

  test("in words, with the fix; a node that is not reached", async () => {
    const ran = await rig.make(["--doctor", "--nodes", "127.0.0.1:1,local"]);
    expect(ran).toEqual({
      status: 1,
      stdout:
        "127.0.0.1:1\n  ERROR    reach: nothing listens there\n" +
        "           fix: start mexecd there with --listen and the ADDRESS MASK of this machine, and let its port through\n" +
        "local\n  ok       reach: this machine\n",
      stderr: "",
    });
    expect(await rig.make(["--doctor"])).toMatchObject({
      status: 2,
      stderr: "mpmake: no nodes are named: set NODES or say --nodes\n",
    });
  });

  test("a node with another umask: recipes have ours", async () => {
    const { found } = await findingsOf(["sh", "-c", 'umask 077; exec "$@"', "sh"]);
    expect(found["umask"]).toEqual({ probe: "umask", verdict: "ok", text: "0022, as here" });
  });

  test("a node with a lower limit of open files", async () => {
    // root could raise it again
    const lowered = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-sys_resource"] : [];
    const { found } = await findingsOf([...lowered, "sh", "-c", 'ulimit -Sn 200; ulimit -Hn 200; exec "$@"', "sh"]);
    expect(found["files"]).toMatchObject({ verdict: "warning", text: expect.stringMatching(/^200 files/) as string });
  });

  test("a node whose clock is off, and one whose clock is too far off", async (context) => {
    needsFaketime(context);
    const little = await findingsOf(withClockOff("+1s"));
    expect(little.found["clock"]).toMatchObject({
      verdict: "warning",
      text: expect.stringMatching(/ahead$/) as string,
    });
    const much = await findingsOf(withClockOff("-60s"));
    expect([much.status, much.found["clock"]?.verdict]).toEqual([1, "error"]);
  });

  test("a node that sees another directory", async (context) => {
    needsRoot(context);
    const hidden = ["unshare", "--mount", "sh", "-c", `mount -t tmpfs none '${rig.tree}' && exec "$@"`, "sh"];
    const { status, found } = await findingsOf(hidden);
    expect([status, found["directory"]]).toEqual([
      1,
      {
        probe: "directory",
        verdict: "error",
        text: `it sees another directory at ${rig.tree}`,
        fix: "mount the same file system at the same place on all machines",
      },
    ]);
  });

  test("a node on which a tool is missing", async (context) => {
    needsRoot(context);
    const tools = join(rig.directory, "tools");
    mkdirSync(tools);
    symlinkSync("/bin/true", join(tools, "cc"));
    const hidden = ["unshare", "--mount", "sh", "-c", `mount -t tmpfs none '${tools}' && exec "$@"`, "sh"];
    const { nodes } = await rig.startWorkers({ count: 1, wrapper: () => hidden });
    const environment = { PATH: `${tools}:/usr/sbin:/sbin` };
    const { stdout } = await rig.make(["--doctor", "--nodes", nodes], { environment: withNode(environment) });
    expect(stdout).toContain(
      `  ERROR    cc in PATH: there is none; here it is ${tools}/cc\n` +
        "           fix: install cc on the node, or put it on PATH\n",
    );
  });
});

/** The tools' own start needs Node, wherever PATH leads. */
function withNode(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...environment, MPMAKE_NODE: process.execPath };
}
