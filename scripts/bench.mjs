// Runs the benchmarks: every bench/NAME.ts or .mjs, or only those named, and says which failed.
//
//   node scripts/bench.mjs [--smoke] [NAME…]      --smoke: small sizes, to see that they run at all
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { ensureBuilt, ensureInstalled, root, run } from "./project.mjs";

ensureInstalled();
ensureBuilt();
const esbuild = await import("esbuild");

const folder = path.join(root, "bench");
const named = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const options = process.argv.slice(2).filter((arg) => arg.startsWith("--"));
const all = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => /\.(ts|mjs)$/.test(file))
      .sort()
  : [];
const scripts = all.filter((file) => named.length === 0 || named.includes(path.parse(file).name));
const failed = [];
for (const file of scripts) {
  console.log(`\n== ${path.parse(file).name} ==`);
  if ((await runScript(file)) !== 0) failed.push(file);
}
console.log(`\n${scripts.length - failed.length} passed, ${failed.length} failed, 0 skipped`);
if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 && scripts.length > 0 ? 0 : 1;

/** Runs one script; a TypeScript one is bundled first, with the packages left where they are. */
async function runScript(file) {
  const source = path.join(folder, file);
  if (file.endsWith(".mjs")) return run(process.execPath, [source, ...options]);
  const outfile = path.join(root, "node_modules", ".cache", "bench", `${path.parse(file).name}.mjs`);
  await esbuild.build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    define: { "import.meta.dirname": JSON.stringify(folder) },
    logLevel: "warning",
  });
  return run(process.execPath, [outfile, ...options]);
}
