// Bundles every tool of src/cli into one executable file of its own in dist/, and the library into dist/lib.
//
//   node scripts/build.mjs [TOOL…]      all tools and the library, or only the tools named
//
// tool-file.mjs says what a tool's file is made of.
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";
import { BUILT, TOOLS, bin, capture, dist, root } from "./project.mjs";
import { packTool } from "./tool-file.mjs";

const MAPS = path.join(dist, "maps");

/** What every bundle has in common. koffi is native code: whoever uses it looks it up beside the installed file. */
const COMMON = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20.19",
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  outdir: "dist/maps",
  sourcesContent: false,
  splitting: true,
  format: "esm",
  external: ["koffi"],
};

/** What no plain build needs: mpmake may reach it only through `import()`. */
const LATE =
  /^node_modules\/(yargs|zod|chokidar|execa|@peculiar|reflect-metadata)\/|^node:(child_process|crypto|dgram|fs\/promises|http|https|http2|net|stream|tls|tty|worker_threads|zlib)$/;

/** Replaces a file in one step, so that a tool in use is never seen half-written. */
function replace(file, content, mode = 0o644) {
  writeFileSync(`${file}.${process.pid}`, content, { mode });
  renameSync(`${file}.${process.pid}`, file);
}

/**
 * One chunk as the body of a CommonJS function, with its map: `import()` becomes a promise of a `require()`.
 *
 * Names from other chunks are taken over once, when the chunk is loaded, as no chunk needs one that needs it: esbuild's own
 * way, a getter's call at every use, is felt where lines are read.
 */
async function toCommonJs(text, map) {
  const taken = text.replaceAll(
    /^import \{([^}]*)\} from "(\.\/[^"]+)";$/gm,
    (_, names, file) => `var {${names.replaceAll(" as ", ": ")}} = require("${file}");`,
  );
  const inlined = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
  const result = await esbuild.transform(`${taken}\n${inlined}\n`, {
    format: "cjs",
    platform: "node",
    target: COMMON.target,
    charset: "ascii",
    // comments and indentation cost time at every start; short lines keep an error's place readable
    minifyWhitespace: true,
    lineLimit: 120,
    supported: { "dynamic-import": false },
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "warning",
  });
  return { code: result.code.trimEnd(), map: JSON.parse(result.map) };
}

/** The chunks reached from the entry by static imports alone, each after those it needs. */
function eagerChunks(outputs, entry) {
  const order = [];
  const visit = (file) => {
    if (order.includes(file)) return;
    for (const link of outputs[file].imports) if (link.kind === "import-statement" && !link.external) visit(link.path);
    order.push(file);
  };
  visit(entry);
  return order;
}

/** Splits one tool into chunks: its entry, what the entry needs at once, and what is reached by `import()`. */
async function splitTool(name) {
  const { metafile, outputFiles } = await esbuild.build({
    ...COMMON,
    entryPoints: [path.join("src", "cli", `${name}.ts`)],
    sourcemap: "external",
    define: { "import.meta.url": "__self.url", "import.meta.filename": "__filename" },
    chunkNames: `${name}-[name]-[hash]`,
    write: false,
  });
  const texts = new Map(outputFiles.map((file) => [path.relative(root, file.path), file.text]));
  const entry = path.join("dist", "maps", `${name}.js`);
  const eager = eagerChunks(metafile.outputs, entry);
  const chunks = [...texts.keys()].filter((file) => file.endsWith(".js"));
  const converted = await Promise.all(chunks.map((file) => toCommonJs(texts.get(file), texts.get(`${file}.map`))));
  const atStart = eager.flatMap((file) => [
    ...Object.keys(metafile.outputs[file].inputs),
    ...metafile.outputs[file].imports.filter(({ kind }) => kind === "import-statement").map((link) => link.path),
  ]);
  return {
    atStart,
    entry: path.basename(entry),
    chunks: chunks.map((file, i) => ({ ...converted[i], name: path.basename(file), isEager: eager.includes(file) })),
    inputs: Object.keys(metafile.inputs),
  };
}

/** Writes one tool and its maps. */
async function buildTool(name) {
  const { inputs, atStart, ...parts } = await splitTool(name);
  const { text, maps, startBytes, packedBytes } = packTool(name, parts);
  for (const [file, map] of Object.entries(maps)) replace(path.join(MAPS, file), JSON.stringify(map));
  replace(path.join(dist, name), text, 0o755);
  const kb = (bytes) => `${Math.ceil(bytes / 1024)} KB`;
  console.log(`dist/${name}: ${kb(startBytes)} at start, ${kb(packedBytes)} packed`);
  const early = name === "mpmake" ? new Set(atStart.flatMap((file) => LATE.exec(file)?.[0] ?? [])) : new Set();
  if (early.size > 0) throw new Error(`mpmake loads at every start what it seldom needs: ${[...early].join(", ")}`);
  return { maps: Object.keys(maps), inputs };
}

/** mpsh, which is no program of Node's. */
function copyLauncher() {
  replace(path.join(dist, "mpsh"), readFileSync(path.join(root, "src", "cli", "mpsh.sh")), 0o755);
}

/** The public library as ES modules with its packages left outside, and its types. */
async function buildLibrary() {
  const lib = path.join(dist, "lib");
  mkdirSync(lib, { recursive: true });
  replace(path.join(lib, "package.json"), '{ "type": "module" }\n');
  await esbuild.build({
    ...COMMON,
    entryPoints: ["src/index.ts"],
    outdir: "dist/lib",
    packages: "external",
    sourcemap: true,
    chunkNames: "chunk-[hash]",
  });
  const { status, output } = await capture(bin("tsc"), ["-p", "tsconfig.lib.json"]);
  if (status !== 0) throw new Error(`the library's types could not be written:\n${output}`);
  console.log("dist/lib/index.js and its types");
}

/** The licences of the packages inside the bundles, which ask to travel with them. */
function writeLicences(inputs) {
  const packages = new Set(inputs.flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []));
  const texts = [...packages].sort().map((name) => {
    const folder = path.join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? "" : `\n${readFileSync(path.join(folder, file), "utf8").trim()}\n`;
    return `${name} ${version} (${license})\n${text}`;
  });
  replace(path.join(dist, "THIRD-PARTY-LICENSES"), texts.join(`\n${"-".repeat(80)}\n`));
}

/** Each part alone: one that cannot be built leaves its last good file in place and does not keep the others from theirs. */
async function buildAll(parts) {
  const results = await Promise.allSettled(parts);
  const failed = results.filter(({ status }) => status === "rejected");
  // esbuild has printed its own errors where they were found
  for (const { reason } of failed) if (!("errors" in reason)) console.error(`build: ${reason.message}`);
  if (failed.length > 0) {
    console.error(`build: ${failed.length} of ${results.length} parts failed`);
    process.exit(1);
  }
  return results.map(({ value }) => value);
}

mkdirSync(MAPS, { recursive: true });
replace(path.join(dist, "package.json"), '{ "type": "commonjs" }\n');
const named = process.argv.slice(2);
if (named.length > 0) {
  await buildAll(named.map(buildTool));
} else {
  const [, ...built] = await buildAll([buildLibrary(), ...TOOLS.map(buildTool)]);
  const kept = new Set(built.flatMap(({ maps }) => maps));
  for (const file of readdirSync(MAPS)) if (!kept.has(file)) rmSync(path.join(MAPS, file), { recursive: true });
  copyLauncher();
  writeLicences(built.flatMap(({ inputs }) => inputs));
  replace(BUILT, "");
}
