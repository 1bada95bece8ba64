/** Finds a real GNU make 4.4 to compare with: the one named by MPMAKE_ORACLE, or one on the PATH. */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

/** The version a program claims, or why it cannot be the oracle. */
export function oracleVersion(program) {
  const run = spawnSync(program, ["--version"], {
    encoding: "latin1",
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" },
  });
  if (run.status !== 0) return { refused: `${program} does not run` };
  const version = /^GNU Make (\S+)/.exec(run.stdout)?.[1];
  if (version === undefined) return { refused: `${program} is not GNU make` };
  if (/mpmake/i.test(run.stdout)) return { refused: `${program} is mpmake itself` };
  if (!/^4\.4(\.|$)/.test(version)) return { refused: `${program} is GNU make ${version}, not 4.4` };
  return { version };
}

/** The path of a real GNU make 4.4; throws an Error that says what was tried. */
export function findOracle(environment = process.env) {
  const named = environment["MPMAKE_ORACLE"];
  const folders = (environment["PATH"] ?? "").split(":");
  const candidates =
    named !== undefined && named !== ""
      ? [named]
      : folders.flatMap((folder) => ["make-4.4.1", "make-4.4", "gmake", "make"].map((name) => path.join(folder, name)));
  const refusals = [];
  for (const candidate of candidates) {
    if (!fs.existsSync(candidate)) continue;
    const outcome = oracleVersion(candidate);
    if (outcome.refused === undefined) return fs.realpathSync(candidate);
    refusals.push(outcome.refused);
  }
  const tried = refusals.length === 0 ? "no make was found" : [...new Set(refusals)].join("; ");
  throw new Error(`no GNU make 4.4 to compare with (${tried}); name one in MPMAKE_ORACLE`);
}
