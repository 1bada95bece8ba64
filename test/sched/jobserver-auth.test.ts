import { describe, expect, test } from "vitest";
import { jobserverStyleOf, withFifo, withoutPipe } from "../../src/sched/jobserver-auth.js";

test.each([
  ["MAKEFLAGS= -j4 --jobserver-auth=fifo:/a", "fifo"],
  ["MAKEFLAGS=k -j4 --jobserver-auth=fifo:/a -- A=b", "fifo"],
  ["MAKEFLAGS= -j4 --jobserver-auth=3,4", "pipe"],
  ["MAKEFLAGS= -j4 --jobserver-auth=3,4 --jobserver-auth=-2,-2", undefined],
  ["MAKEFLAGS= -j4 --jobserver-auth=3,4 --jobserver-auth=fifo:/a", "fifo"],
  ["MAKEFLAGS= -j4", undefined],
  ["MAKEFLAGS= -j4 -- A=x --jobserver-auth=fifo:/a", undefined],
  ["MAKEFLAGS= -j4 --eval=x\\ --jobserver-auth=fifo:/a", undefined],
  ["MAKEFLAGS=", undefined],
  ["AMAKEFLAGS= --jobserver-auth=fifo:/a", undefined],
])("%s names the style %s", (entry, style) => {
  expect(jobserverStyleOf(["A=b", entry])).toBe(style);
});

describe("another FIFO", () => {
  test.each([
    ["MAKEFLAGS= -j4 --jobserver-auth=fifo:/a", "MAKEFLAGS= -j4 --jobserver-auth=fifo:/n/$&"],
    ["MFLAGS=-j4 --jobserver-auth=fifo:/a", "MFLAGS=-j4 --jobserver-auth=fifo:/n/$&"],
    ["MFLAGS=--jobserver-auth=fifo:/a", "MFLAGS=--jobserver-auth=fifo:/n/$&"],
    [
      "MAKEFLAGS=k -j4 --jobserver-auth=fifo:/a\\ b --no-silent -- A=\\ --jobserver-auth=fifo:/a",
      "MAKEFLAGS=k -j4 --jobserver-auth=fifo:/n/$& --no-silent -- A=\\ --jobserver-auth=fifo:/a",
    ],
    [
      "MAKEFLAGS= --jobserver-auth=3,4 --jobserver-auth=fifo:/a",
      "MAKEFLAGS= --jobserver-auth=fifo:/n/$& --jobserver-auth=fifo:/n/$&",
    ],
    ["MAKEFLAGS=\xff --eval=\xc3\xa9", "MAKEFLAGS=\xff --eval=\xc3\xa9"],
    ["OTHER= --jobserver-auth=fifo:/a", "OTHER= --jobserver-auth=fifo:/a"],
  ])("%s", (before, after) => {
    expect(withFifo([before], "/n/$&")).toEqual([after]);
  });
});

test("a pipe that is not given is told away, before variables", () => {
  expect(withoutPipe(["MAKEFLAGS= -j4 --jobserver-auth=3,4 -- A=b", "MFLAGS=-j4", "A= -- "])).toEqual([
    "MAKEFLAGS= -j4 --jobserver-auth=3,4 --jobserver-auth=-2,-2 -- A=b",
    "MFLAGS=-j4 --jobserver-auth=-2,-2",
    "A= -- ",
  ]);
});
