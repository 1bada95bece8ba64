import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseVector, replay } from "./vector.js";

const FOLDER = new URL("../vectors/", import.meta.url);
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".txt"));

describe.each(files)("%s", (file) => {
  const vector = parseVector(readFileSync(new URL(file, FOLDER), "latin1"));

  test("whole", () => {
    expect(replay(vector, Math.max(1, vector.bytes.length))).toEqual(vector.expected);
  });

  test("one byte at a time", () => {
    expect(replay(vector, 1)).toEqual(vector.expected);
  });
});

test("there are vectors", () => {
  expect(files.length).toBeGreaterThanOrEqual(40);
});
