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
