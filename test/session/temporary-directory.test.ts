import { expect, test } from "vitest";
import { findTemporaryDirectory } from "../../src/session/temporary-directory.js";

test("the first of MAKE_TMPDIR and TMPDIR that is a directory is taken, and keeps its name for sub-makes", () => {
  expect(findTemporaryDirectory(["MAKE_TMPDIR=.", "TMPDIR=/usr"], "/usr")).toEqual({
    path: "/usr/.",
    name: ".",
    troubles: [],
  });
});

test("one that cannot be used is told in GNU make's words", () => {
  expect(findTemporaryDirectory(["MAKE_TMPDIR=/nowhere", "TMPDIR=passwd"], "/etc")).toEqual({
    path: "/tmp",
    name: "/tmp",
    troubles: [
      "MAKE_TMPDIR value /nowhere: No such file or directory",
      "TMPDIR value passwd: not a directory",
      "using default temporary directory '/tmp'",
    ],
  });
});

test("without either it is /tmp, and nothing is said", () => {
  expect(findTemporaryDirectory(["TMPDIR="], "/")).toEqual({ path: "/tmp", name: "/tmp", troubles: [] });
});
