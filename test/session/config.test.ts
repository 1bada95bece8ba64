import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UserError } from "../../src/base/user-error.js";
import { ClusterFolder } from "../../src/os/cluster-folder.js";
import { addressKey } from "../../src/placement/node-directory.js";
import { findClusterFolder, findConfigFile } from "../../src/session/config-file.js";
import {
  type ClusterOptions,
  type ClusterSettings,
  readClusterSettings,
  settingsEnvironment,
} from "../../src/session/config.js";

const root = join(import.meta.dirname, "../..");
const userId = process.getuid?.() ?? 0;
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "config-test-"));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

interface Given {
  readonly options?: ClusterOptions;
  readonly environment?: readonly string[];
  readonly directory?: string;
  readonly searches?: boolean;
}

function read(given: Given): Promise<ClusterSettings | undefined> {
  const { options = {}, environment = [], directory = home, searches = false } = given;
  return readClusterSettings({ options, environment: [...environment, `HOME=${home}`], directory, userId, searches });
}

async function complaint(given: Given): Promise<string> {
  try {
    await read(given);
    return "no complaint";
  } catch (error) {
    if (error instanceof UserError) return error.message.replaceAll(home, "~");
    throw error;
  }
}

function writeConfig(config: unknown, directory = home): void {
  writeFileSync(join(directory, "mpmake.config.json"), typeof config === "string" ? config : JSON.stringify(config));
}

test("without nodes there is no cluster, whatever else is said", async () => {
  writeConfig({ hostPattern: "n%d" });
  expect(await read({ environment: ["MPMAKE_KEY=k", "NODES="] })).toBeUndefined();
});

test("without nodes --strict is an error, as nothing is to run here", async () => {
  expect(await complaint({ options: { strict: true } })).toBe("no nodes are named (--strict)");
  expect(await complaint({ environment: ["MPMAKE_STRICT=1"] })).toBe("no nodes are named (--strict)");
});

test("an empty variable is as good as none, but for what a make tells its sub-makes", async () => {
  writeConfig({ use: "file", key: "file.pub", strict: true });
  const empty = ["NODES=", "MPMAKE_KEY=", "MPMAKE_STRICT=", "MPMAKE_CLOCK_SKEW=", "MPMAKE_MEMFREE=", "MPMAKE_CONFIG="];
  expect(await read({ environment: empty })).toMatchObject({ nodes: [{ host: "file" }], strict: true });
  writeConfig({ use: "file" });
  expect(await read({ environment: ["NODES=", "MPMAKE_CLUSTER=0123456789abcdef"] })).toBeUndefined();
});

test("what is not said has a default", async () => {
  expect(await read({ environment: ["NODES=box"], options: { key: "k.pub" } })).toEqual({
    session: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    isSubMake: false,
    nodesText: "box",
    configFile: undefined,
    nodes: [{ kind: "remote", node: "box", host: "box", port: 7070, slots: undefined, speed: 1 }],
    isUnlisted: false,
    group: undefined,
    groupText: "",
    keyFile: join(home, "k.pub"),
    strict: false,
    joinsFromNodes: false,
    clockSkewMs: 2000,
    connectTimeoutMs: 1000,
    munge: undefined,
    envsetter: undefined,
    sentDirectory: undefined,
    minFreeMemoryBytes: undefined,
    receipts: true,
    receiptLog: expect.stringMatching(/^\/tmp\/mpmake-[0-9a-f]{16}\.receipts$/) as string,
    launch: {
      ...{ way: "mexecd", template: undefined, backendText: undefined, ssh: ["ssh"], isTunnelled: false, ports: [] },
      ...{ remoteNode: undefined, scheduler: "auto" },
      door: expect.stringMatching(/^\/tmp\/mpmake-[0-9a-f]{16}\.door$/) as string,
    },
  });
});

test("a standing cluster: found as the configuration is, or named by NODES, an option or the file; not if anything else names nodes", async () => {
  const folder = await ClusterFolder.make(join(home, "p/.mpmake/cluster"), userId);
  const other = await ClusterFolder.make(join(home, "other"), userId);
  if (!folder.ok || !other.ok) throw new Error("no folder");
  const directory = join(home, "p/q/r");
  mkdirSync(directory, { recursive: true });
  const of = async (given: Given) => (await read({ directory, searches: true, ...given }))?.standing?.path;
  const [here, there] = [folder.value.path, other.value.path];
  expect(await of({})).toBe(here);
  expect(await of({ searches: false })).toBeUndefined();
  expect(await of({ directory: home })).toBeUndefined();
  const others: readonly Given[] = [
    ...["NODES=local", "NODES=n1", "GROUP=10.0.0.255", "MPMAKE_BACKEND=none"].map((it) => ({
      environment: [it, "MPMAKE_KEY=k"],
    })),
    { options: { nodes: "local" } },
    { options: { backend: "none" } },
  ];
  for (const given of others) expect(await of(given)).toBeUndefined();
  expect(await of({ environment: [`NODES=cluster:${there}`] })).toBe(there);
  expect(await of({ options: { nodes: "cluster:../../../other" }, environment: ["NODES=local"] })).toBe(there);
  expect(await of({ directory: home, searches: false, options: { nodes: "cluster:./other" } })).toBe(there);
  writeConfig({ cluster: "../other" }, join(home, "p"));
  expect(await of({})).toBe(there);
  expect(await of({ environment: ["NODES=local"] })).toBeUndefined();
  writeConfig({ cluster: "../other", use: "local" }, join(home, "p"));
  expect(await of({})).toBeUndefined();
  expect(await complaint({ options: { nodes: "n1,cluster:/x" } })).toMatch(
    /^NODES: element 2 .*a standing cluster stands alone/,
  );
  expect(await complaint({ options: { nodes: "cluster:./none" } })).toBe("there is no folder ~/none");
});

test("a standing cluster's settings are the same for sub-makes, wherever they work", async () => {
  const folder = await ClusterFolder.make(join(home, ".mpmake/cluster"), userId);
  const given = await read({ searches: true });
  expect(given).toMatchObject({ nodes: [], isUnlisted: false, keyFile: join(home, ".mpmake/cluster/key.pub") });
  if (given === undefined || !folder.ok) throw new Error("no settings");
  const below = await read({ environment: settingsEnvironment(given), directory: "/", searches: true });
  expect(below).toEqual({ ...given, isSubMake: true });
});

test("what others have put above a directory is no cluster of ours, and one that others may enter is told of", async () => {
  mkdirSync(join(home, ".mpmake/cluster/nodes"), { recursive: true });
  const search = { directory: home, home: undefined, userId };
  expect([findClusterFolder(search), findClusterFolder({ ...search, userId: userId + 1 })]).toEqual([
    join(home, ".mpmake/cluster"),
    undefined,
  ]);
  chmodSync(join(home, ".mpmake/cluster"), 0o755);
  expect(await complaint({ searches: true })).toBe("~/.mpmake/cluster may be entered by others (mode 755)");
});

test("the environment wins over the file and an option over both", async () => {
  writeConfig({
    use: "a",
    key: "file.pub",
    strict: true,
    clockSkew: 5,
    envsetter: "/f",
    memfree: "1K",
    sentDirectory: "/s",
  });
  const nodesOf = async (given: Given) => (await read(given))?.nodes.map(addressKey);
  expect(await nodesOf({})).toEqual(["a:7070"]);
  expect(await nodesOf({ environment: ["NODES=b", "NODES=x"] })).toEqual(["b:7070"]);
  expect(await nodesOf({ environment: ["NODES=b"], options: { nodes: "c" } })).toEqual(["c:7070"]);
  expect(await read({})).toMatchObject({
    keyFile: join(home, "file.pub"),
    strict: true,
    clockSkewMs: 5000,
    envsetter: "/f",
    minFreeMemoryBytes: 1024,
    sentDirectory: "/s",
  });
  expect(
    await read({
      environment: ["MPMAKE_KEY=e.pub", "MPMAKE_STRICT=0", "ENVSETTER=/e", "SENTDIR=/t"],
      options: { clockSkew: "0.5", memfree: "1.5G", sentDirectory: "u" },
    }),
  ).toMatchObject({
    keyFile: join(home, "e.pub"),
    strict: false,
    clockSkewMs: 500,
    envsetter: "/e",
    minFreeMemoryBytes: 1.5 * 2 ** 30,
    sentDirectory: join(home, "u"),
  });
});

test("where nodes are looked for that nobody has listed: an option over the environment over the file, and nothing that is no address", async () => {
  const groupOf = async (given: Given) => (await read({ ...given, searches: true }))?.groupText;
  const key = ["MPMAKE_KEY=k"];
  expect(await groupOf({ environment: [...key, "GROUP=staff"] })).toBeUndefined();
  writeConfig({ group: "10.0.0.255" });
  expect(await groupOf({ environment: key })).toBe("10.0.0.255");
  expect(await groupOf({ environment: [...key, "GROUP=staff"] })).toBe("10.0.0.255");
  expect(await groupOf({ environment: [...key, "GROUP=lo:239.1.2.3:4000"] })).toBe("lo:239.1.2.3:4000");
  const told = [...key, "GROUP=10.1.0.255", "MPMAKE_GROUP=10.2.0.255"];
  expect(await groupOf({ environment: told })).toBe("10.2.0.255");
  expect(await groupOf({ environment: told, options: { group: "10.3.0.255" } })).toBe("10.3.0.255");
  expect(await groupOf({ environment: told, options: { group: "" } })).toBeUndefined();
  expect(await groupOf({ environment: told, options: { nodes: "a", group: "" } })).toBe("");
  expect(await read({ environment: told })).toBeUndefined();
  await expect(read({ searches: true, options: { group: "staff" } })).rejects.toThrow("--group: 'staff' is not");
});

test("nodes that nobody has listed are used beside this machine, unless that is not to build", async () => {
  const given = { environment: ["MPMAKE_KEY=k", "GROUP=10.0.0.255"], searches: true };
  const group = [{ address: "10.0.0.255", port: 3010, device: undefined }];
  expect(await read(given)).toMatchObject({ nodes: [{ kind: "local" }], isUnlisted: true, group });
  expect(await read({ ...given, options: { strict: true } })).toMatchObject({ nodes: [], isUnlisted: true, group });
  expect(await read({ ...given, options: { nodes: "a" } })).toMatchObject({ nodes: [{ host: "a" }], group });
  const below = settingsEnvironment((await read(given)) as ClusterSettings);
  expect(await read({ environment: below, searches: true })).toMatchObject({ isUnlisted: true, group });
});

test("makes of nodes join only where somebody says so: an option, the environment or the file", async () => {
  const given = { environment: ["NODES=a", "MPMAKE_KEY=k"] };
  const joins = async (more: readonly string[] = [], options = {}): Promise<boolean | undefined> =>
    (await read({ environment: [...given.environment, ...more], options }))?.joinsFromNodes;
  expect(await joins()).toBe(false);
  expect(await joins(["MPMAKE_JOINS_FROM_NODES=1"])).toBe(true);
  expect(await joins(["MPMAKE_JOINS_FROM_NODES=0"], { joinsFromNodes: true })).toBe(true);
  writeConfig({ joinsFromNodes: true });
  expect(await joins()).toBe(true);
  expect(await joins(["MPMAKE_JOINS_FROM_NODES=0"])).toBe(false);
});

test("munge is asked where it usually is, or at a socket", async () => {
  for (const [munge, expected] of [
    [true, { socket: undefined }],
    ["/run/m", { socket: "/run/m" }],
    [false, undefined],
  ] as const) {
    writeConfig({ use: "a", key: "k", munge });
    expect((await read({}))?.munge).toEqual(expected);
  }
  writeConfig({ use: "a", key: "k", munge: "run/m" });
  await expect(read({})).rejects.toThrow(/munge: expected an absolute path$/);
});

test("a sub-make finds the same settings in its environment, from any directory", async () => {
  writeConfig({ nodes: { "3": { host: "three" } }, key: "file.pub" });
  const given = await read({ options: { nodes: "3*2", strict: true, sentDirectory: "shared" } });
  const below = mkdtempSync(join(tmpdir(), "config-test-"));
  const found = await read({ environment: given === undefined ? [] : settingsEnvironment(given), directory: below });
  rmSync(below, { recursive: true });
  expect(found).toEqual({ ...given, isSubMake: true });
});

test("local alone needs no key", async () => {
  expect(await read({ options: { nodes: "local*3" } })).toMatchObject({ keyFile: undefined, nodes: [{ slots: 3 }] });
});

test("the file is looked for upwards as far as the repository's root, then at home", () => {
  const [outer, repo, deep] = ["outer", "outer/repo", "outer/repo/src"].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(deep, { recursive: true });
  const found = () => findConfigFile({ directory: deep, home, userId })?.replace(home, "~");
  expect(found()).toBeUndefined();
  writeConfig({});
  expect(found()).toBe("~/mpmake.config.json");
  writeConfig({}, outer);
  expect(found()).toBe("~/outer/mpmake.config.json");
  mkdirSync(join(repo, ".git"));
  expect(found()).toBe("~/mpmake.config.json");
  writeConfig({}, repo);
  expect(found()).toBe("~/outer/repo/mpmake.config.json");
});

test("above the directory itself another user's file does not count", ({ skip }) => {
  skip(userId !== 0, "a file of another user needs root to make");
  const below = join(home, "below");
  mkdirSync(below);
  writeConfig({});
  execFileSync("chown", ["65534", join(home, "mpmake.config.json")]);
  expect(findConfigFile({ directory: below, home: undefined, userId })).toBeUndefined();
  expect(findConfigFile({ directory: home, home, userId })).toBe(join(home, "mpmake.config.json"));
});

test.each([
  ['{"strict":', /^~\/mpmake\.config\.json(:1)?: not JSON: /],
  ['{\n  "strict": true\n  "key": "x"\n}', /^~\/mpmake\.config\.json:3: not JSON: /],
  ["[]", /^~\/mpmake\.config\.json: expected object, received array$/],
  ['{"colour": 1}', /^~\/mpmake\.config\.json: unrecognized key: "colour"$/],
  ['{"strict": "yes"}', /^~\/mpmake\.config\.json: strict: expected boolean, received string$/],
  [
    '{"nodes": {"3": {"host": "a", "port": 70000}}}',
    /^~\/mpmake\.config\.json: nodes\.3\.port: expected number to be <=65535$/,
  ],
  ['{"nodes": {"3": {}}}', /^~\/mpmake\.config\.json: nodes\.3\.host: expected string, received undefined$/],
  ['{"nodes": {"3": {"host": "a b"}}}', /^~\/mpmake\.config\.json: nodes\.3\.host: expected a host name or address$/],
  ['{"hostPattern": "n"}', /^~\/mpmake\.config\.json: hostPattern: one %d or %02d stands for the node's number$/],
  ['{"use": "1--3"}', /^~\/mpmake\.config\.json: use: NODES: element 1 \("1--3", column 1\)/],
  ['{"envsetter": "x"}', /^~\/mpmake\.config\.json: envsetter: expected an absolute path$/],
  ['{"memfree": "lots"}', /^~\/mpmake\.config\.json: memfree: expected a size such as 512M or 2G$/],
])("the file %j is refused by name, key and expectation", async (text, expected) => {
  writeConfig(text);
  expect(await complaint({})).toMatch(expected);
});

test.each<readonly [Given, string]>([
  [
    { options: { nodes: "1--3" } },
    'NODES: element 1 ("1--3", column 1): "1--3" is not a number or a range: write 3 or 1-3',
  ],
  [{ options: { nodes: "a,,b" } }, 'NODES: element 2 ("", column 3): a node is missing between the commas'],
  [
    { options: { nodes: "4" } },
    'NODES: element 1 ("4", column 1): node 4 is unknown: the configuration\'s "nodes" does not hold it and there is no "hostPattern"',
  ],
  [{ options: { nodes: "a" } }, "NODES names nodes but there is no key to reach them with"],
  [{ options: { nodes: "a", key: "k", clockSkew: "x" } }, '--clock-skew: "x" is not a number of seconds'],
  [{ options: { nodes: "a", key: "k", memfree: "x" } }, '--memfree: "x" is not a size such as 512M or 2G'],
  [{ options: { config: "gone.json" } }, "~/gone.json: the configuration cannot be read (ENOENT)"],
])("the mistake in %j is said in one line", async (given, expected) => {
  expect(await complaint(given)).toBe(expected);
});

test("the project's own configuration is valid and names no nodes to use", async () => {
  copyFileSync(join(root, "mpmake.config.json"), join(home, "mpmake.config.json"));
  expect(await read({})).toBeUndefined();
  expect(await read({ options: { nodes: "1-4", key: "k" } })).toMatchObject({
    nodes: [{ port: 7071 }, { port: 7072 }, { port: 7073 }, { host: "n04.cluster", port: 7070 }],
  });
});

test("the shipped JSON schema is current", () => {
  const script = join(root, "scripts", "config-schema.mjs");
  expect(execFileSync(process.execPath, [script, "--check"], { encoding: "utf8" })).toBe("");
});
