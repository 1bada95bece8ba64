import { describe, expect, test } from "vitest";
import { readVectors, told } from "../rig/vector-text.js";
import { parseVector, replay } from "./vector.js";

const vectors = readVectors("");

/** Every place in short ones; the first ones, and some of the others, in long ones, of which each replay takes long. */
function placesOf(length: number): readonly number[] {
  const [first, further] = length > 1_000_000 ? [120, 20] : [600, 100];
  const step = Math.max(4099, Math.ceil(length / further));
  return Array.from({ length }, (_, at) => at).filter((at) => at < first || at % step === 0);
}

describe.each(vectors)("%s", (_, text) => {
  const vector = parseVector(text);
  const places = placesOf(vector.bytes.length);

  test("whole", () => {
    expect(replay(vector).map(told)).toEqual(vector.expected);
  });

  test("one byte at a time", () => {
    expect(replay(vector, vector.bytes.keys()).map(told)).toEqual(vector.expected);
  });

  test("in two pieces, cut anywhere", () => {
    for (const at of places) expect(replay(vector, [at]).map(told), `cut at ${String(at)}`).toEqual(vector.expected);
  });

  test("ending anywhere: nothing comes of it that would not have come", () => {
    const types = replay(vector).map(({ type }) => type);
    for (const at of places) {
      const sooner = replay({ ...vector, bytes: vector.bytes.subarray(0, at) }).map(({ type }) => type);
      expect(sooner, `ending at ${String(at)}`).toEqual(types.slice(0, sooner.length));
    }
  });
});

test("there are vectors", () => {
  expect(vectors.length).toBeGreaterThanOrEqual(93);
});
