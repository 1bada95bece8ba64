import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mountCommand, needsCachedMounts } from "../rig/cached-mounts.js";
import { anyGroup, needsFaketime, needsRoot, Rig, withClockOff } from "./rig.js";

interface Finding {
  readonly probe: string;
  readonly verdict: "ok" | "warning" | "error";
  readonly text: string;
  readonly effect?: string;
  readonly fix?: string;
}

interface Diagnosis {
  readonly node: string;
  readonly found: readonly Finding[];
}

/** Measuring what is not seen at once takes as long as it is not seen. */
const TIMEOUT_MS = 60_000;

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
    const diagnosis = (JSON.parse(stdout) as Diagnosis[]).find(({ node }) => node !== "local");
    return { status, found: byProbe(diagnosis) };
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
      "reach",
      "file times",
      "stack size",
      "cpu time",
      "new files",
      "new contents",
      "exclusive creation",
    ];
    expect(names.map((name) => [name, found[name]?.verdict])).toEqual(names.map((name) => [name, "ok"]));
    expect(found["new files"]?.text).toMatch(/^seen there within [\d.]+ s, here within [\d.]+ s$/);
    expect(readdirSync(rig.tree)).toEqual([]);
    expect(found["latency"]?.text).toMatch(/^[\d.]+ ms there and back$/);
    expect(found["throughput"]?.text).toMatch(/^[\d.]+ MB\/s of output$/);
  });

  test("locks hold between machines, by whatever can try them", async (context) => {
    const languages = ["python3", "perl"].filter((name) => existsSync(`/usr/bin/${name}`));
    context.skip(languages.length === 0, "neither python3 nor perl is installed");
    for (const language of languages) {
      const environment = withNode({ PATH: pathWith(rig, language) });
      const { nodes } = await rig.startWorkers({ count: 1 });
      const { stdout } = await rig.make(["--doctor", "--nodes", nodes], { environment });
      expect([language, ...stdout.split("\n").filter((line) => / (?:flock|fcntl locks): /.test(line))]).toEqual([
        language,
        "  ok       flock: one machine's lock keeps the other out",
        "  ok       fcntl locks: one machine's lock keeps the other out",
      ]);
    }
  });

  test("this machine comes first, whether it is listed or not, and -C says where", async () => {
    mkdirSync(join(rig.tree, "deep"));
    const words = ["--doctor", "--json", "-C", "deep", "--nodes", "127.0.0.1:1", "SHELL=/bin/sh", "CC=no-such-cc -m32"];
    const ran = await rig.make(words);
    const diagnoses = JSON.parse(ran.stdout) as Diagnosis[];
    expect([ran.status, diagnoses.map(({ node }) => node)]).toEqual([1, ["local", "127.0.0.1:1"]]);
    const found = byProbe(diagnoses[0]);
    expect(found["directory"]?.text).toBe(`${rig.tree}/deep can be written`);
    expect([found["/bin/sh in PATH"]?.text, found["no-such-cc in PATH"]?.text]).toEqual(["/bin/sh", "there is none"]);
    expect(found["open files"]?.text).toMatch(/^(\d+|unlimited)$/);
    expect(Object.values(found).map(({ verdict }) => verdict)).not.toContain("error");
    rmdirSync(join(rig.tree, "deep"));
    expect(await rig.make(["--doctor", "-C", "deep", "--nodes", "local"])).toEqual({
      status: 2,
      stdout: "",
      stderr: "mpmake: *** deep: No such file or directory.  Stop.\n",
    });
  });

  test("in words, with what would go wrong and the fix; a node that is not reached", async () => {
    const ran = await rig.make(["--doctor", "--nodes", "127.0.0.1:1,local"]);
    expect([ran.status, ran.stderr]).toEqual([1, ""]);
    expect(ran.stdout).toMatch(/^local\n {2}ok {7}reach: this machine, /);
    expect(ran.stdout.slice(ran.stdout.indexOf("127.0.0.1:1\n"))).toBe(
      "127.0.0.1:1\n  ERROR    reach: nothing listens there\n" +
        "           so: the node gets no recipes\n" +
        "           fix: start mexecd there with --listen and the ADDRESS MASK of this machine, and let its port through\n",
    );
    expect(await rig.make(["--doctor"])).toMatchObject({
      status: 2,
      stderr: "mpmake: no nodes are named: set NODES or GROUP, or say --nodes or --group\n",
    });
  });

  test("a node with another umask: recipes have ours", async () => {
    const { found } = await findingsOf(["sh", "-c", 'umask 077; exec "$@"', "sh"]);
    expect(found["umask"]).toEqual({ probe: "umask", verdict: "ok", text: "0022, as here" });
  });

  test("a node with lower limits", async () => {
    // root could raise them again
    const lowered = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-sys_resource"] : [];
    const limits = "ulimit -n 200; ulimit -f 4000000; ulimit -t 5000";
    const { found } = await findingsOf([...lowered, "sh", "-c", `${limits}; exec "$@"`, "sh"]);
    const verdicts = ["open files", "file size", "cpu time", "core file size"].map((name) => found[name]?.verdict);
    expect(verdicts).toEqual(["warning", "warning", "warning", "ok"]);
    expect(found["open files"]?.text).toMatch(/^200, here /);
    expect([found["cpu time"]?.effect, found["cpu time"]?.fix]).toEqual([
      "long recipes are ended there by SIGXCPU",
      "raise its hard limit where mexecd starts (LimitCPU= of a systemd unit)",
    ]);
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
        effect: "the node gets no recipes",
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
        "           so: recipes that use it end there with status 127\n" +
        "           fix: install cc on the node, or put it on PATH\n",
    );
  });

  test(
    "a node whose file system remembers for seconds what it saw, and keeps locks for itself",
    async (context) => {
      needsCachedMounts(context);
      const { directory, tree } = rig;
      const pidFile = join(directory, "mount.pid");
      const mount = mountCommand(tree, tree, "-f")
        .map((word) => `'${word}'`)
        .join(" ");
      const script = `${mount} & echo $! >'${pidFile}'; until mountpoint -q '${tree}'; do sleep 0.02; done; exec "$@"`;
      const remembering = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"];
      const { status, found } = await findingsOf(remembering);
      process.kill(Number(readFileSync(pidFile, "utf8")));
      expect(status).toBe(0);
      for (const name of ["new files", "new contents"]) {
        const seconds = /^seen there after ([\d.]+) s, here within [\d.]+ s$/.exec(found[name]?.text ?? "")?.[1];
        expect([name, found[name]?.verdict, Number(seconds) > 2, Number(seconds) < 25]).toEqual([
          name,
          "warning",
          true,
          true,
        ]);
      }
      expect(found["exclusive creation"]?.verdict).toBe("ok");
      for (const name of ["flock", "fcntl locks"]) {
        expect([name, found[name]?.text]).toEqual([name, "one machine's lock does not keep the other out"]);
      }
      expect(readdirSync(tree)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** The tools' own start needs Node, wherever PATH leads. */
function withNode(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...environment, MPMAKE_NODE: process.execPath };
}

function byProbe(diagnosis: Diagnosis | undefined): Readonly<Record<string, Finding>> {
  return Object.fromEntries((diagnosis?.found ?? []).map((finding) => [finding.probe, finding]));
}

/** A PATH with all that scripts need, and of the languages that can lock files only this one. */
function pathWith({ directory }: Rig, language: string): string {
  const folder = join(directory, `with-${language}`);
  mkdirSync(folder);
  const usual = [
    "cat",
    "cksum",
    "date",
    "dd",
    "grep",
    "id",
    "rm",
    "sh",
    "sleep",
    "sort",
    "stat",
    "tail",
    "tr",
    "uname",
  ];
  for (const name of [...usual, language]) {
    const path = ["/usr/bin", "/bin"].map((place) => join(place, name)).find((each) => existsSync(each));
    if (path !== undefined) symlinkSync(path, join(folder, name));
  }
  return folder;
}

test(
  "nodes that nobody has listed are found and looked at; when there are none, what to do",
  async () => {
    await using rig = new Rig();
    const group = anyGroup();
    const doctor = async (): Promise<readonly Diagnosis[]> =>
      JSON.parse((await rig.make(["--doctor", "--json", "--group", group])).stdout) as Diagnosis[];
    const [, alone] = await doctor();
    expect(alone).toMatchObject({
      node: `group ${group}`,
      found: [{ probe: "search", verdict: "warning", text: "no worker answers our announcement" }],
    });
    await rig.startWorkers({ count: 1, words: ["--name", "found", "--group", group] });
    const [, found] = await doctor();
    expect([found?.node, byProbe(found)["reach"]?.text]).toEqual(["found", "found at 127.0.0.1, 2 slots"]);
  },
  TIMEOUT_MS,
);
