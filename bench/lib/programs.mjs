/** Which programs are compared: ours, and the rivals found on this machine. */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const ROOT = path.join(import.meta.dirname, "..", "..");

export const dist = (tool) => path.join(ROOT, "dist", tool);

/** Every rival looked for, and how each tells its version. */
const RIVALS = [
  {
    family: "gnu",
    names: ["make", "gmake", "make-4.4.1"],
    version: ["--version"],
    pattern: /^GNU Make (\S+)/,
    title: "GNU make",
  },
  { family: "remake", names: ["remake"], version: ["--version"], pattern: /^GNU Make (\S+)/, title: "remake" },
  { family: "bmake", names: ["bmake"], version: ["-V", "MAKE_VERSION"], pattern: /^(\S+)/, title: "bmake" },
  { family: "ninja", names: ["ninja"], version: ["--version"], pattern: /^(\S+)/, title: "ninja" },
  { family: "ckati", names: ["ckati"], version: ["--version"], pattern: /(\S+)/, title: "ckati" },
];

/**
 * The programs that take part, ours first: `{ title, family, program }`. GNU make 4.4 may be named by MPMAKE_ORACLE.
 * The families that were not found are listed in `absent`.
 */
export function findPrograms(families) {
  const found = [{ title: "mpmake", family: "mpmake", program: dist("mpmake") }];
  const absent = [];
  for (const rival of RIVALS.filter(({ family }) => families.includes(family))) {
    const versions = new Map();
    for (const candidate of candidates(rival)) {
      const version = versionOf(candidate, rival);
      if (version !== undefined && !versions.has(version)) versions.set(version, candidate);
    }
    if (versions.size === 0) absent.push(rival.title);
    for (const version of [...versions.keys()].sort().reverse())
      found.push({ title: `${rival.title} ${version}`, family: rival.family, program: versions.get(version) });
  }
  return { found, absent };
}

function candidates({ family, names }) {
  const oracle = process.env.MPMAKE_ORACLE;
  const named = family === "gnu" && oracle ? [oracle] : [];
  const folders = (process.env.PATH ?? "").split(":");
  return [...named, ...names.flatMap((name) => folders.map((folder) => path.join(folder, name)))].filter((file) =>
    fs.existsSync(file),
  );
}

function versionOf(program, rival) {
  const run = spawnSync(program, rival.version, { encoding: "latin1", input: "" });
  if (run.status !== 0 || /mpmake/.test(run.stdout)) return undefined;
  return rival.pattern.exec(run.stdout)?.[1];
}
