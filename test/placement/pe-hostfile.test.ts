import { expect, test } from "vitest";
import { parsePeHostfile } from "../../src/placement/pe-hostfile.js";

/** `host*slots …`, or the complaint. */
function read(text: string): string {
  const parsed = parsePeHostfile(text);
  return parsed.ok ? parsed.value.map(({ name, slots }) => `${name}*${String(slots)}`).join(" ") : parsed.error;
}

test.each([
  ["n1.cluster 4 all.q@n1.cluster UNDEFINED\nn2 2 all.q@n2 UNDEFINED\n", "n1.cluster*4 n2*2"],
  ["n1 4 all.q@n1 0,0:0,1\n", "n1*4"],
  ["n1 4 all.q@n1 UNDEFINED\nn2 1 all.q@n2 <NULL>\nn1 3 fast.q@n1 UNDEFINED\n", "n1*7 n2*1"],
  ["n1 4\n\n", "n1*4"],
  ["", "it names no host"],
  ["n1\n", 'line 1: "HOST SLOTS QUEUE PROCESSORS" is expected, not "n1"'],
  ["n1 4 q u\nn2 0 q u\n", 'line 2: "HOST SLOTS QUEUE PROCESSORS" is expected, not "n2 0 q u"'],
  ["n1;rm 4 q u\n", 'line 1: "n1;rm" is no name of a host'],
])("Grid Engine's %j is read", (text, expected) => {
  expect(read(text)).toBe(expected);
});
