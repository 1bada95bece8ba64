/** The oracle corpus: every makefile in test/makefiles does with dist/mpmake what GNU make 4.4.1 was seen to do. */

import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseCase, runCase } from "../scripts/lib/make-case.mjs";

const ROOT = path.join(import.meta.dirname, "..");
const FOLDER = path.join(ROOT, "test", "makefiles");
const MPMAKE = path.join(ROOT, "dist", "mpmake");

const names = fs
  .readdirSync(FOLDER)
  .filter((file) => file.endsWith(".mk"))
  .map((file) => file.slice(0, -".mk".length));

/** Where mpmake is known to do otherwise; a line each: name, colon, how. */
const differences = new Map(
  fs
    .readFileSync(path.join(FOLDER, "differences.txt"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
);

describe.concurrent("a makefile does what GNU make does", () => {
  for (const name of names)
    test(name, async (context) => {
      const difference = differences.get(name);
      if (difference !== undefined) context.skip(`known difference from GNU make: ${difference}`);
      const read = (extension: string): string => fs.readFileSync(path.join(FOLDER, `${name}.${extension}`), "latin1");
      expect(await runCase(parseCase(read("mk")), MPMAKE)).toBe(read("expected"));
    });

  test("every known difference is one of a makefile that is here", () => {
    expect([...differences.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });
});
