import fc from "fast-check";
import { expect, test } from "vitest";
import { formatNodeListError, MAX_NODES, parseNodeList } from "../../src/placement/node-list.js";

/** The list in short: `name=where*slots`. */
function read(text: string): readonly string[] {
  const parsed = parseNodeList(text);
  if (!parsed.ok) throw new Error(formatNodeListError(parsed.error));
  return parsed.value.map(({ name, where, slots }) => {
    const place =
      where.kind === "local"
        ? "here"
        : where.kind === "number"
          ? `#${String(where.number)}`
          : `${where.host}|${String(where.port)}`;
    return `${name}=${place}${slots === undefined ? "" : `*${String(slots)}`}`;
  });
}

function complaint(text: string): string {
  const parsed = parseNodeList(text);
  return parsed.ok ? "no complaint" : formatNodeListError(parsed.error);
}

test.each([
  ["", []],
  ["  ", []],
  ["1-3,5,8-9", ["1=#1", "2=#2", "3=#3", "5=#5", "8=#8", "9=#9"]],
  [" 2 , 1 ", ["2=#2", "1=#1"]],
  ["1-2*4", ["1=#1*4", "2=#2*4"]],
  ["local,local-1", ["local=here", "local-1=local-1|undefined"]],
  ["local*2", ["local=here*2"]],
  ["build-1.cluster:7070*8", ["build-1.cluster:7070=build-1.cluster|7070*8"]],
  ["127.0.0.1:7001,127.0.0.1:7002", ["127.0.0.1:7001=127.0.0.1|7001", "127.0.0.1:7002=127.0.0.1|7002"]],
  ["[::1]:7070*2,[fe80::1%eth0]", ["[::1]:7070=::1|7070*2", "[fe80::1%eth0]=fe80::1%eth0|undefined"]],
  ["n[01-03,20]", ["n01=n01|undefined", "n02=n02|undefined", "n03=n03|undefined", "n20=n20|undefined"]],
  ["n[9-10]:7070*2", ["n9:7070=n9|7070*2", "n10:7070=n10|7070*2"]],
  ["r[1-2]n[1-2].x", ["r1n1.x", "r1n2.x", "r2n1.x", "r2n2.x"].map((n) => `${n}=${n}|undefined`)],
])("the list %j is read", (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ["1--3", 'NODES: element 1 ("1--3", column 1): "1--3" is not a number or a range: write 3 or 1-3'],
  ["4,5-2", 'NODES: element 2 ("5-2", column 3): the range runs backwards: write 2-5'],
  ["a,,b", 'NODES: element 2 ("", column 3): a node is missing between the commas'],
  ["a,b,", 'NODES: element 3 ("", column 5): a node is missing between the commas'],
  ["1-3,2", 'NODES: element 2 ("2", column 5): node 2 is named already by element 1 ("1-3")'],
  ["n[1,1]", 'NODES: element 1 ("n[1,1]", column 1): node n1 is named twice'],
  ["a*0", 'NODES: element 1 ("a*0", column 1): a node with no slots runs nothing: leave it out'],
  ["a*x", 'NODES: element 1 ("a*x", column 1): "*" is followed by a number of slots, such as n1*4'],
  ["a*2*3", 'NODES: element 1 ("a*2*3", column 1): "*" is followed by a number of slots, such as n1*4'],
  ["a*99999", 'NODES: element 1 ("a*99999", column 1): more than 4096 slots'],
  ["*3", 'NODES: element 1 ("*3", column 1): a node stands before "*"'],
  ["1-", 'NODES: element 1 ("1-", column 1): "1-" is not a number or a range: write 3 or 1-3'],
  ["1-99999", 'NODES: element 1 ("1-99999", column 1): more than 4096 nodes'],
  ["1-4096,5000", 'NODES: element 2 ("5000", column 8): more than 4096 nodes'],
  ["n[1-100]m[1-100]", 'NODES: element 1 ("n[1-100]m[1-100]", column 1): more than 4096 nodes'],
  ["n[1-2", 'NODES: element 1 ("n[1-2", column 1): "[" and "]" do not match'],
  ["n1-2]", 'NODES: element 1 ("n1-2]", column 1): "[" and "]" do not match'],
  ["n[]", 'NODES: element 1 ("n[]", column 1): "" is not a number or a range: write 3 or 1-3'],
  ["::1:7070", 'NODES: element 1 ("::1:7070", column 1): an IPv6 address stands in brackets: [ADDRESS]:PORT'],
  ["[::1]x", 'NODES: element 1 ("[::1]x", column 1): an IPv6 address is written [ADDRESS] or [ADDRESS]:PORT'],
  ["a:0", 'NODES: element 1 ("a:0", column 1): "0" is not a port: 1 to 65535'],
  ["a:65536", 'NODES: element 1 ("a:65536", column 1): "65536" is not a port: 1 to 65535'],
  [":7", 'NODES: element 1 (":7", column 1): a host name is missing before the colon'],
  ["10.0.0.256", 'NODES: element 1 ("10.0.0.256", column 1): "10.0.0.256" is not an IPv4 address'],
  ["10.0.0.1-3", 'NODES: element 1 ("10.0.0.1-3", column 1): "10.0.0.1-3" is not an IPv4 address'],
  ["a b", 'NODES: element 1 ("a b", column 1): "a b" is not a host name'],
])("the list %j is refused with its element and place", (text, expected) => {
  expect(complaint(text)).toBe(expected);
});

test("any text is read or refused, never thrown at, and never names more nodes than the limit", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123459-,*[]:.an% ".split("")), maxLength: 24 }), (text) => {
      const parsed = parseNodeList(text);
      if (parsed.ok) expect(parsed.value.length).toBeLessThanOrEqual(MAX_NODES);
      else expect(text.slice(parsed.error.element.column - 1).startsWith(parsed.error.element.text)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("numbers written as one range or one by one are the same list", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 50 }), (first, more) => {
      const singles = Array.from({ length: more + 1 }, (_, i) => String(first + i)).join(",");
      expect(read(`${String(first)}-${String(first + more)}`)).toEqual(read(singles));
    }),
  );
});

/** What is said of how nodes are reached: `name way user|host|port*slots`. */
function waysOf(text: string, groups: Readonly<Record<string, string>> = {}): readonly string[] | string {
  const parsed = parseNodeList(text, { groups });
  if (!parsed.ok) return formatNodeListError(parsed.error);
  return parsed.value.map(({ name, where, way, user = "", slots = "" }) => {
    const place = where.kind === "host" ? `${where.host}|${String(where.port ?? "")}` : where.kind;
    return `${name} ${way} ${user}|${place}*${String(slots)}`;
  });
}

test.each([
  ["ssh:user@n1,n2:8", ["user@n1 ssh user|n1|*", "n2 ssh |n2|*8"]],
  ["a,ssh:b,c,mexecd:d:7070", ["a mexecd |a|*", "b ssh |b|*", "c ssh |c|*", "d:7070 mexecd |d|7070*"]],
  ["local,ssh:n[1-2]*3", ["local mexecd |local*", "n1 ssh |n1|*3", "n2 ssh |n2|*3"]],
  [
    "ssh:n1:2222,n2:22,n3:443,n4:512",
    ["n1:2222 ssh |n1|2222*", "n2:22 ssh |n2|22*", "n3:443 ssh |n3|443*", "n4 ssh |n4|*512"],
  ],
  ["ssh://n1:64,u@n2:513*2", ["n1:64 ssh |n1|64*", "u@n2:513 ssh u|n2|513*2"]],
  ["ssh:[fe80::1%eth0]:2222,u@[::1]*4", ["[fe80::1%eth0]:2222 ssh |fe80::1%eth0|2222*", "u@[::1] ssh u|::1|*4"]],
  ["ssh:1-2", ["1 ssh |number*", "2 ssh |number*"]],
])("the list %j says how nodes are reached", (text, expected) => {
  expect(waysOf(text)).toEqual(expected);
});

const GROUPS = { fast: "n[1-2],n3*8", all: "@fast,old:7070", far: "ssh:u@x", self: "@self", bad: "n1,n 2" };

test.each([
  ["@fast", ["n1 mexecd |n1|*", "n2 mexecd |n2|*", "n3 mexecd |n3|*8"]],
  ["@fast*4", ["n1 mexecd |n1|*4", "n2 mexecd |n2|*4", "n3 mexecd |n3|*8"]],
  ["@all,z", ["n1 mexecd |n1|*", "n2 mexecd |n2|*", "n3 mexecd |n3|*8", "old:7070 mexecd |old|7070*", "z mexecd |z|*"]],
  ["ssh:@fast", ["n1 ssh |n1|*", "n2 ssh |n2|*", "n3 ssh |n3|*8"]],
  ["@far,y", ["u@x ssh u|x|*", "y mexecd |y|*"]],
  [
    "a,@none",
    'NODES: element 2 ("@none", column 3): there is no group none: the configuration\'s "groups" does not hold it',
  ],
  [
    "@self",
    /^NODES: element 1 \("@self", column 1\): (in group self: element 1 \("@self"\): )*group self holds itself$/,
  ],
  ["a,@bad", 'NODES: element 2 ("@bad", column 3): in group bad: element 2 ("n 2"): "n 2" is not a host name'],
  ["@fast,n2", 'NODES: element 2 ("n2", column 7): node n2 is named already by element 1 ("@fast")'],
  ["@", 'NODES: element 1 ("@", column 1): "@" is not the name of a group'],
  ["u@n1", 'NODES: element 1 ("u@n1", column 1): "USER@" is for machines that are reached by ssh: write ssh:USER@HOST'],
  ["ssh:", 'NODES: element 1 ("ssh:", column 1): a node stands behind "ssh:"'],
  ["ssh:n1,u@", 'NODES: element 2 ("u@", column 8): a host stands behind "@"'],
  ["ssh:-u@n1", 'NODES: element 1 ("ssh:-u@n1", column 1): "-u" is not the name of a user'],
  ["ssh:-n1", 'NODES: element 1 ("ssh:-n1", column 1): "-n1" is not a host name'],
])("groups and users: %j", (text, expected) => {
  if (expected instanceof RegExp) expect(waysOf(text, GROUPS)).toMatch(expected);
  else expect(waysOf(text, GROUPS)).toEqual(expected);
});
