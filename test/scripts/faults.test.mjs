// docs/faults.md tells which tests show what: each of them is there.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const top = path.join(import.meta.dirname, "../..");

/** Files, and behind a file the titles in it, in the order of the text. */
const REFERENCE = /`(test\/[^`]+)`|"([^"]+)"/g;

test("every test that docs/faults.md names is there", () => {
  const rows = readFileSync(path.join(top, "docs/faults.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| what |"));
  expect(rows.length).toBeGreaterThan(50);
  const missing = rows.flatMap((row) => {
    const shownBy = row.split("|").at(-2) ?? "";
    const references = [...shownBy.matchAll(REFERENCE)];
    if (references.length === 0) return [`no test: ${row}`];
    let file = "";
    return references.flatMap(([, named, title]) => {
      file = named ?? file;
      if (named !== undefined) return existsSync(path.join(top, named)) ? [] : [`no file ${named}`];
      return readFileSync(path.join(top, file), "utf8").includes(title) ? [] : [`no test in ${file}: ${title}`];
    });
  });
  expect(missing).toEqual([]);
});
