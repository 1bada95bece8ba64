import { describe, expect, test } from "vitest";
import { fromBytes } from "../../src/base/latin1.js";
import { formatKeyFile, parseKeyFile } from "../../src/wire/key-file.js";
import { parseVectorText, readVectors, told } from "../rig/vector-text.js";

const vectors = readVectors("key-files/");

/** As a vector expects it. */
function outcome(text: string): unknown {
  const key = parseKeyFile(text);
  return JSON.parse(told(key.ok ? key.value : { refused: key.error }));
}

describe.each(vectors)("%s", (_, vector) => {
  const { expected, bytes } = parseVectorText(vector);
  const text = fromBytes(bytes);

  test("whole", () => {
    expect(expected.map((json) => JSON.parse(json) as unknown)).toEqual([outcome(text)]);
  });

  test("ending anywhere, or twice: what is read of it is written as it stands there", () => {
    const places = Array.from(bytes.keys()).filter((at) => at < 600 || at % 997 === 0);
    for (const one of [...places.map((at) => text.slice(0, at)), text, text + text]) {
      const key = parseKeyFile(one);
      if (key.ok) expect(formatKeyFile(key.value)).toBe(one);
      else expect(key.error).toMatch(/^(is|has) [a-z0-9:; ]+$/);
    }
    if (parseKeyFile(text).ok) for (const at of places) expect(parseKeyFile(text.slice(0, at)).ok).toBe(false);
  });
});

test("there are vectors", () => {
  expect(vectors.length).toBeGreaterThanOrEqual(36);
});
