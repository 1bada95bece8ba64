import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseNetworkRequest, parseUserRequest } from "../../src/node/part-requests.js";

const F = "f".repeat(64);

test("what the network part may ask is read word by word", () => {
  expect(parseNetworkRequest(`open 17 ${F} 1000 10.0.0.7`)).toEqual({
    name: "open",
    words: ["17", F, "1000", "10.0.0.7"],
  });
  expect(parseNetworkRequest(`open 17 ${F} 1000 10.0.0.7 ${F} MUNGE:AwQ=:`)).toEqual({
    name: "open",
    words: ["17", F, "1000", "10.0.0.7", F, "MUNGE:AwQ=:"],
  });
  expect(parseNetworkRequest("closed 17")).toEqual({ name: "closed", words: ["17"] });
  expect(parseNetworkRequest("listening :: 7070")).toEqual({ name: "listening", words: ["::", "7070"] });
  expect(parseNetworkRequest('log {"event":"rejected"}')).toEqual({ name: "log", words: ['{"event":"rejected"}'] });
});

test("what a user part may ask is less", () => {
  expect(parseUserRequest("ready")).toEqual({ name: "ready", words: [] });
  expect(parseUserRequest("running 12")).toEqual({ name: "running", words: ["12"] });
  expect(parseUserRequest(`open 17 ${F} 0 10.0.0.7`)).toBeUndefined();
});

describe("nothing else is a request", () => {
  test.each([
    "",
    " ",
    "open",
    "open 1",
    `open 1 ${F} 1000 10.0.0.7 more`,
    `open 1 ${F} 1000 10.0.0.7 ${F}`,
    `open 1 ${F} 1000 10.0.0.7 ${F} MUNGE:a b`,
    `open 1 ${F} 1000 10.0.0.7 ${F} ${"x".repeat(701)}`,
    `open -1 ${F} 1000 10.0.0.7`,
    `open 1 ${F.toUpperCase()} 1000 10.0.0.7`,
    `open 1 ${F}0 1000 10.0.0.7`,
    `open 1 ${F} -1 10.0.0.7`,
    `open 1 ${F} 99999999999 10.0.0.7`,
    `open 1 ${F} 1000 /etc/passwd`,
    `open 1 ${F} 1000 10.0.0.7\n`,
    `open  1 ${F} 1000 10.0.0.7`,
    "closed 1 2",
    "log []",
    "constructor ",
    "__proto__ ",
    "run id",
    `log {${"x".repeat(70_000)}}`,
  ])("%j", (line) => {
    expect(parseNetworkRequest(line)).toBeUndefined();
  });
});

test("no line whatever makes the reader fail", () => {
  const line = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("open ", "closed ", "log {", "listening "));
  fc.assert(
    fc.property(fc.array(line), (pieces) => {
      parseNetworkRequest(pieces.join(""));
      parseUserRequest(pieces.join(""));
    }),
    { numRuns: 2000 },
  );
});
