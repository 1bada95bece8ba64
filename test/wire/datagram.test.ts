import { expect, test } from "vitest";
import {
  type Datagram,
  formatDatagram,
  formatRelayed,
  MAX_DATAGRAM_BYTES,
  openEnvelope,
  parseDatagram,
  parseRelayed,
  PROOF_BYTES,
  type Relayed,
} from "../../src/wire/datagram.js";
import { WireError } from "../../src/wire/wire-error.js";

const common = { application: "\x00appname", id: "0123456789abcdef", sentMs: 1_700_000_000_123.456 };

const DATAGRAMS: readonly Datagram[] = [
  {
    ...common,
    ...{ type: "request", wanted: "service", lifetimeMs: 30_000, port: 4000, addresses: ["192.0.2.1", "fd00::1"] },
  },
  { ...common, type: "answered" },
  { ...common, type: "complaint", worker: "n1", address: "192.0.2.2", reason: "went away" },
  { ...common, type: "completed", worker: "n1", address: "fd00::2", status: { kind: "exited", code: 3 } },
  { ...common, type: "completed", worker: "", address: "::1", status: { kind: "signalled", signal: 9, core: true } },
];

const RELAYED: Relayed = {
  ...{
    type: "relayed",
    application: common.application,
    sentMs: common.sentMs,
    hops: 3,
    port: 4001,
    address: "192.0.2.9",
  },
  inner: sealed(formatDatagram(DATAGRAMS[0]!)),
};

/** With a proof that nobody checks here. */
function sealed(bytes: Uint8Array): Uint8Array {
  return new Uint8Array([...bytes, ...new Uint8Array(PROOF_BYTES)]);
}

test.each(DATAGRAMS)("$type is read as it was written", (datagram) => {
  const envelope = openEnvelope(sealed(formatDatagram(datagram)));
  expect(envelope.isRelayed).toBe(false);
  expect(parseDatagram(envelope)).toEqual(datagram);
});

test("relayed is read as it was written", () => {
  const envelope = openEnvelope(sealed(formatRelayed(RELAYED)));
  expect(envelope.isRelayed).toBe(true);
  expect(parseRelayed(envelope)).toEqual(RELAYED);
});

test("the largest of each fits", () => {
  const addresses = Array.from({ length: 4 }, (_, i) => `2001:db8:1111:2222:3333:4444:5555:${String(6666 + i)}`);
  const request = { ...DATAGRAMS[0]!, addresses } as Datagram;
  const complaint = {
    ...common,
    ...({ type: "complaint", worker: "n".repeat(1000), address: addresses[0]!, reason: "r".repeat(1000) } as const),
  };
  for (const datagram of [request, complaint]) {
    const inner = sealed(formatDatagram(datagram));
    expect(sealed(formatRelayed({ ...RELAYED, inner })).length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
  }
});

/** What is thrown for bytes; `undefined` when they are taken. */
function faultOf(bytes: Uint8Array): string | undefined {
  try {
    const envelope = openEnvelope(bytes);
    if (envelope.isRelayed) parseRelayed(envelope);
    else parseDatagram(envelope);
    return undefined;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.message;
  }
}

const whole = sealed(formatDatagram(DATAGRAMS[0]!));

function changed(at: number, byte: number): Uint8Array {
  const bytes = whole.slice();
  bytes[at] = byte;
  return bytes;
}

test.each([
  ["nothing", new Uint8Array(0), "a message that ends too soon"],
  ["something else", changed(0, 0x47), "a datagram of another kind"],
  ["another version", changed(3, 2), "a datagram of another kind"],
  ["an unknown type", changed(4, 99), "a datagram of type 99"],
  ["unknown flags", changed(5, 1), "a datagram with unknown flags"],
  ["a length that is not its own", changed(7, 1), "a datagram that is not as long as it says"],
  ["a datagram that is too long", new Uint8Array(MAX_DATAGRAM_BYTES + 1), "a datagram of 513 bytes"],
  ["an unknown wish", changed(40, 9), "an announcement that wants something unknown"],
  ["a lifetime that is too long", changed(41, 9), /^an announcement for \d+ ms$/],
  ["an address that is none", changed(60, 0x2f), "an address that is none"],
])("%s is refused", (_, bytes, fault) => {
  if (typeof fault === "string") expect(faultOf(bytes)).toBe(fault);
  else expect(faultOf(bytes)).toMatch(fault);
});

test("a datagram that is cut off anywhere is refused", () => {
  for (const datagram of [...DATAGRAMS.map(formatDatagram), formatRelayed(RELAYED)].map(sealed))
    for (let length = 0; length < datagram.length; length++)
      expect(faultOf(datagram.subarray(0, length))).not.toBeUndefined();
});

test("no byte changed anywhere brings about anything but a refusal or another datagram", () => {
  for (const datagram of [...DATAGRAMS.map(formatDatagram), formatRelayed(RELAYED)].map(sealed))
    for (let at = 0; at < datagram.length; at++)
      for (const bits of [1, 0x80, 0xff]) {
        const bytes = datagram.slice();
        bytes[at]! ^= bits;
        faultOf(bytes); // anything else than a WireError is thrown on
      }
});
