import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatNodeRecord,
  isNodeName,
  MAX_ADDRESSES,
  MAX_RECORD_BYTES,
  type NodeRecord,
  parseNodeRecord,
} from "../../src/placement/node-record.js";

const record: NodeRecord = {
  name: "n3",
  id: "0123456789abcdef",
  addresses: ["10.0.0.3", "fd00::3"],
  port: 4123,
  slots: 8,
  pid: 77,
  sinceMs: 1_800_000_000_000,
  drainingMs: undefined,
};
const text = formatNodeRecord(record);

test("a record says a word a line", () => {
  expect(text).toBe(
    "mpmake node 1\nname n3\nid 0123456789abcdef\naddress 10.0.0.3\naddress fd00::3\nport 4123\nslots 8\npid 77\nsince 1800000000000\n",
  );
  expect(formatNodeRecord({ ...record, drainingMs: 5 })).toBe(`${text}draining 5\n`);
});

test("what is written is read back", () => {
  const names = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}$/).filter(isNodeName);
  const addresses = fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: MAX_ADDRESSES });
  const any = fc.record({
    name: names,
    id: fc.stringMatching(/^[0-9a-f]{16}$/),
    addresses,
    port: fc.integer({ min: 1, max: 65_535 }),
    slots: fc.integer({ min: 1, max: 65_535 }),
    pid: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    sinceMs: fc.maxSafeNat(),
    drainingMs: fc.option(fc.maxSafeNat(), { nil: undefined }),
  });
  fc.assert(
    fc.property(any, (each) => {
      expect(parseNodeRecord(formatNodeRecord(each))).toEqual({ ok: true, value: each });
    }),
  );
});

test("whatever stands there, reading it ends in a record that is good or in a phrase", () => {
  const lines = text.split("\n");
  const anyLine = fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 20 }));
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 14 }), (all) => {
      const read = parseNodeRecord(all.join("\n"));
      if (read.ok) expect(parseNodeRecord(formatNodeRecord(read.value))).toEqual(read);
      else expect(read.error).not.toBe("");
    }),
  );
});

test.each([
  ["", "is cut off"],
  [text.slice(0, -1), "is cut off"],
  [text.replace("node 1", "node 2"), 'is no node\'s record: it does not begin with "mpmake node 1"'],
  [`${text}more 1\n`, "holds a line that is none of a node's record"],
  [`${text}pid 78\n`, "says pid too often"],
  [text + "address 10.0.0.3\n".repeat(MAX_ADDRESSES), "says address too often"],
  [text.replace(/address .*\n/g, ""), "has no good address"],
  [text.replace("10.0.0.3", "n3;reboot"), "has no good address"],
  [text.replace("name n3", "name ../n3"), "has no good name"],
  [text.replace("name n3", "name local"), "has no good name"],
  [text.replace(/id .*/, "id 0123"), "has no good id"],
  [text.replace("port 4123", "port 65536"), "has no good port"],
  [text.replace("slots 8", "slots 0"), "has no good number of slots"],
  [text.replace("pid 77", "pid -1"), "has no good pid"],
  [text.replace(/since .*/, "since soon"), "does not say well since when"],
  [`${text}draining x\n`, "does not say well since when it drains"],
  [`${text}#${" ".repeat(MAX_RECORD_BYTES)}\n`, "is too long for a node's record"],
])("%j is refused: it %s", (given, why) => {
  expect(parseNodeRecord(given)).toEqual({ ok: false, error: why });
});
