/** The line between a build and a worker that it has started: what each side may say, whole, byte by byte, and after each cut. */

import { describe, expect, test } from "vitest";
import { toBytes } from "../../src/base/latin1.js";
import { formatTalk, type TalkMessage, TalkReader, type TalkSide } from "../../src/wire/launch-talk.js";
import { WireError } from "../../src/wire/wire-error.js";

const BYTES = toBytes("two\nlines \xff");

const SAID: readonly (readonly [from: TalkSide, text: string, message: TalkMessage])[] = [
  ["build", "key 11\ntwo\nlines \xff", { type: "key", bytes: BYTES }],
  ["build", "slots 8\n", { type: "slots", count: 8 }],
  ["build", "debug\n", { type: "debug" }],
  ["build", "begin\n", { type: "begin" }],
  [
    "build",
    "call 3 4711 00ff 10.0.0.1 fe80::1\n",
    { type: "call", channel: 3, port: 4711, id: "00ff", addresses: ["10.0.0.1", "fe80::1"] },
  ],
  ["build", "open 4\n", { type: "open", channel: 4 }],
  ["build", "rest\n", { type: "rest" }],
  ["worker", "up\n", { type: "up" }],
  ["worker", "failed 3 no route to host\n", { type: "failed", channel: 3, text: "no route to host" }],
  ["worker", "fault it is too old\n", { type: "fault", text: "it is too old" }],
  ["worker", "data 4 11\ntwo\nlines \xff", { type: "data", channel: 4, bytes: BYTES }],
  ["build", "data 4 11\ntwo\nlines \xff", { type: "data", channel: 4, bytes: BYTES }],
  ["build", "end 4\n", { type: "end", channel: 4 }],
  ["worker", "close 4\n", { type: "close", channel: 4 }],
  ["build", "beat\n", { type: "beat" }],
  ["worker", "beat\n", { type: "beat" }],
];

const FAULTS: readonly (readonly [from: TalkSide, text: string, fault: string])[] = [
  ["build", "up\n", "a word that is not for here"],
  ["build", "fault x\n", "a word that is not for here"],
  ["worker", "key 3\nabc", "a word that is not for here"],
  ["worker", "call 1 2 00 h\n", "a word that is not for here"],
  ["worker", "open 1\n", "a word that is not for here"],
  ["worker", "rest\n", "a word that is not for here"],
  ["build", "\n", "a word that is not for here"],
  ["build", " begin\n", "a word that is not for here"],
  ["build", "begin\r\n", "a word that is not for here"],
  ["build", "GET / HTTP/1.1\r\n", "a word that is not for here"],
  ["build", "__proto__ 1\n", "a word that is not for here"],
  ["build", "key 0\n", "a block of no such length"],
  ["build", "key 65537\n", "a block of no such length"],
  ["build", "key\n", "a number that is none"],
  ["build", "key -1\n", "a number that is none"],
  ["build", "data 1\n", "a number that is none"],
  ["build", "data x 1\n", "a number that is none"],
  ["build", "data 1 9999999999\n", "a number that is none"],
  ["build", "slots 1e3\n", "a number that is none"],
  ["build", "call 1 2 0 h\n", "an id that is none"],
  ["build", "call 1 2 XY h\n", "an id that is none"],
  ["build", "call 1 2\n", "an id that is none"],
  ["build", "call 1 x 00 h\n", "a number that is none"],
  ["build", `slots ${"1".repeat(8200)}`, "a line that is too long"],
];

function heard(from: TalkSide, pieces: readonly Uint8Array[]): readonly TalkMessage[] {
  const reader = new TalkReader(from);
  return pieces.flatMap((piece) => reader.receive(piece));
}

const byteByByte = (bytes: Uint8Array): readonly Uint8Array[] =>
  Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

describe("what is said", () => {
  test.each(SAID)("%s: %j", (from, text, message) => {
    const bytes = toBytes(text);
    expect(formatTalk(message)).toEqual(bytes);
    expect(heard(from, [bytes])).toEqual([message]);
    expect(heard(from, byteByByte(bytes))).toEqual([message]);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(heard(from, [bytes.subarray(0, cut)])).toEqual([]);
      expect(heard(from, [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual([message]);
    }
  });

  test.each(["build", "worker"] as const)("all that a %s says, in one piece", (side) => {
    const said = SAID.filter(([from]) => from === side);
    const bytes = toBytes(said.map(([, text]) => text).join(""));
    const messages = said.map(([, , message]) => message);
    expect(heard(side, [bytes])).toEqual(messages);
    expect(heard(side, byteByByte(bytes))).toEqual(messages);
  });

  test("a text of another's has one line, of the characters of ASCII", () => {
    const text = toBytes("fault a b c\n");
    expect(formatTalk({ type: "fault", text: "a\nb\u001b\u0007éc" })).toEqual(text);
  });
});

describe("what ends the line", () => {
  test.each(FAULTS)("%s: %j: %s", (from, text, fault) => {
    const bytes = toBytes(text);
    expect(() => heard(from, [bytes])).toThrow(new WireError(fault));
    expect(() => heard(from, byteByByte(bytes))).toThrow(new WireError(fault));
  });

  test("the rest of what a shell should have read is no word", () => {
    expect(() => heard("build", [toBytes("umask 077\nid=$(id -u)\n")])).toThrow(WireError);
  });
});
