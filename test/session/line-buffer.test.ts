import fc from "fast-check";
import { expect, test } from "vitest";
import { jobId } from "../../src/base/ids.js";
import { LineBuffer } from "../../src/session/line-buffer.js";

const [one, two] = [jobId(1), jobId(2)];

test("lines of two jobs that write at the same time stay whole", () => {
  let text = "";
  const buffer = new LineBuffer((_, bytes) => (text += Buffer.from(bytes).toString()));
  buffer.write(one, "stdout", Buffer.from("on"));
  buffer.write(two, "stdout", Buffer.from("two\ntw"));
  buffer.write(one, "stdout", Buffer.from("e\n"));
  buffer.finish(two);
  expect(text).toBe("two\none\ntw");
});

test("nothing is lost and nothing is reordered within one stream of a job", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (pieces) => {
      const taken: Uint8Array[] = [];
      const buffer = new LineBuffer((_, bytes) => taken.push(bytes.slice()));
      for (const piece of pieces) buffer.write(one, "stderr", piece);
      buffer.finish(one);
      expect(Buffer.concat(taken)).toEqual(Buffer.concat(pieces));
    }),
  );
});

test("a line without an end is passed on in parts, and does not gather", () => {
  const passed: number[] = [];
  const lines = new LineBuffer((_, bytes) => passed.push(bytes.length));
  const piece = new Uint8Array(50_000);
  for (let i = 0; i < 4; i++) lines.write(jobId(1), "stdout", piece);
  expect(passed).toEqual([100_000, 100_000]);
});

test("what was written to a terminal is seen at once, unless more of it is surely coming", () => {
  const passed: string[] = [];
  const lines = new LineBuffer((_, bytes) => passed.push(Buffer.from(bytes).toString()));
  lines.pass(one, "stdout", Buffer.from("50 %"));
  lines.pass(one, "stdout", Buffer.from(" 60 %\nla"));
  const much = `${"x".repeat(3000)}\nhalf`;
  lines.pass(one, "stdout", Buffer.from(much));
  expect(passed).toEqual(["50 %", " 60 %\n", "la", much.slice(0, -4)]);
});
