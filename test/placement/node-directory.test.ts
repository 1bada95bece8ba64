import { expect, test } from "vitest";
import {
  addressKey,
  hostPatternComplaint,
  resolveNodes,
  type NodeDirectory,
} from "../../src/placement/node-directory.js";
import { formatNodeListError, parseNodeList } from "../../src/placement/node-list.js";

const directory: NodeDirectory = {
  nodes: { "3": { host: "three.lan", port: 9, slots: 4, speed: 2 }, fast: { host: "::1" } },
  hostPattern: "n%02d.cluster",
  defaultPort: 7070,
};

function resolve(text: string, where: NodeDirectory = directory): readonly string[] | string {
  const listed = parseNodeList(text);
  if (!listed.ok) return formatNodeListError(listed.error);
  const found = resolveNodes(listed.value, where);
  if (!found.ok) return formatNodeListError(found.error);
  return found.value.map((a) => `${a.node} ${addressKey(a)} slots ${String(a.slots)} speed ${String(a.speed)}`);
}

test("numbers and names come from the map, other numbers from the pattern, other names are hosts", () => {
  expect(resolve("3,7,fast*2,box,box2:80")).toEqual([
    "3 three.lan:9 slots 4 speed 2",
    "7 n07.cluster:7070 slots undefined speed 1",
    "fast [::1]:7070 slots 2 speed 1",
    "box box:7070 slots undefined speed 1",
    "box2:80 box2:80 slots undefined speed 1",
  ]);
});

test("slots in the list win over the map's", () => {
  expect(resolve("3*9,local*2")).toEqual(["3 three.lan:9 slots 9 speed 2", "local local slots 2 speed 1"]);
});

test("a number that nothing resolves is refused by name", () => {
  expect(resolve("1,12", { nodes: { "1": { host: "a" } }, defaultPort: 7070 })).toBe(
    'NODES: element 2 ("12", column 3): node 12 is unknown: the configuration\'s "nodes" does not hold it and there is no "hostPattern"',
  );
});

test("one address under two names is refused", () => {
  expect(resolve("3,three.lan:9")).toBe(
    'NODES: element 2 ("three.lan:9", column 3): node three.lan:9 and node 3 are both three.lan:9',
  );
});

test("a name such as constructor is a host, not a property", () => {
  expect(resolve("constructor")).toEqual(["constructor constructor:7070 slots undefined speed 1"]);
});

test.each([
  ["n%d", undefined],
  ["n%02d.cluster:7070", undefined],
  ["[fd00::%d]:7070", undefined],
  ["n1", "one %d or %02d stands for the node's number"],
  ["n%d%d", "one %d or %02d stands for the node's number"],
  ["n%d%s", "nothing but one %d or %02d begins with %"],
  ["n %d", "HOST or HOST:PORT is expected"],
])("the host pattern %j", (pattern, expected) => {
  expect(hostPatternComplaint(pattern)).toBe(expected);
});
