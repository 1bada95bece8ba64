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

describe.concurrent("a makefile does what GNU make does", () => {
  test.each(names)("%s", async (name) => {
    const read = (extension: string): string => fs.readFileSync(path.join(FOLDER, `${name}.${extension}`), "latin1");
    expect(await runCase(parseCase(read("mk")), MPMAKE)).toBe(read("expected"));
  });
});
