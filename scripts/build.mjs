// Bundles every tool of src/cli into one executable file of its own in dist/, and the library into dist/lib.
//
//   node scripts/build.mjs [TOOL…]      all tools and the library, or only the tools named
//
// A tool's file is a shell script and a CommonJS program at once. Code that is only ever reached through `import()`
// travels in the same file as compressed text inside a comment, and is neither parsed nor unpacked before it is used:
// parsing it at every start would take longer than Node's own start-up.
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { deflateRawSync } from "node:zlib";
import { decode, encode } from "@jridgewell/sourcemap-codec";
import * as esbuild from "esbuild";
import { BUILT, TOOLS, bin, capture, dist, root } from "./project.mjs";

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

/** Opens a chunk's function, on a line of its own: given what a CommonJS module has, and the tool's file as a URL. */
const OPEN = "(function(exports, require, module, __filename, __dirname, __self) {\n";

/** Replaces a file in one step, so that a tool in use is never seen half-written. */
function replace(file, content, mode = 0o644) {
  writeFileSync(`${file}.${process.pid}`, content, { mode });
  renameSync(`${file}.${process.pid}`, file);
}

/** The shell half of a tool as one line that is also JavaScript: a string, then a comment. */
function shellHead() {
  const statements = readFileSync(path.join(root, "scripts", "head.sh"), "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return `#!/bin/sh\n':' //; ${statements.join(" ")}\n`;
}

/** Loads chunks by name: the eager ones from their functions, the packed ones from this file's own tail. */
function loader() {
  return `const __self = { get url() { return require("node:url").pathToFileURL(__filename).href; } };
const __eager = Object.create(null), __loaded = Object.create(null);
function __load(name) {
  const found = __loaded[name];
  if (found) return found.exports;
  const run = __eager[name] || __unpack(name);
  if (!run) return require(name);
  const module = (__loaded[name] = { exports: {} });
  run(module.exports, __load, module, __filename, __dirname, __self);
  return module.exports;
}
Object.assign(__load, { resolve: require.resolve, cache: require.cache, main: require.main });
function __unpack(name) {
  const place = __packed[name];
  if (!place) return undefined;
  const fs = require("node:fs"), text = Buffer.alloc(place[1]), fd = fs.openSync(__filename);
  try {
    if (fs.readSync(fd, text, 0, place[1], __tail + place[0]) !== place[1]) throw new Error("internal error: " + __filename + " is cut short");
  } finally {
    fs.closeSync(fd);
  }
  const code = require("node:zlib").inflateRawSync(Buffer.from(text.latin1Slice(), "base64")).latin1Slice();
  const Module = require("node:module"), filename = require("node:path").join(__dirname, "maps", name.slice(2));
  const module = new Module(filename);
  module._compile(code, filename);
  return module.exports;
}
`;
}

/** One chunk as the body of a CommonJS function, with its map: `import()` becomes a promise of a `require()`. */
async function toCommonJs(text, map) {
  const inlined = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
  const result = await esbuild.transform(`${text}\n${inlined}\n`, {
    format: "cjs",
    platform: "node",
    target: COMMON.target,
    charset: "ascii",
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
  return {
    entry: path.basename(entry),
    chunks: chunks.map((file, i) => ({ ...converted[i], name: path.basename(file), isEager: eager.includes(file) })),
    inputs: Object.keys(metafile.inputs),
  };
}

/** One map of several, each moved down to the line (counted from 0) where its code stands. */
function joinMaps(placed) {
  const joined = { version: 3, sources: [], names: [], mappings: [] };
  for (const { line, map } of placed) {
    while (joined.mappings.length < line) joined.mappings.push([]);
    const [source, name] = [joined.sources.length, joined.names.length];
    for (const segments of decode(map.mappings)) {
      joined.mappings.push(
        segments.map(([column, ...at]) => (at.length === 0 ? [column] : move([column, ...at], source, name))),
      );
    }
    joined.sources.push(...map.sources);
    joined.names.push(...map.names);
  }
  return { ...joined, mappings: encode(joined.mappings) };
}

/** A segment whose source and name are counted from elsewhere. */
function move([column, source, line, sourceColumn, name], sources, names) {
  const moved = [column, source + sources, line, sourceColumn];
  return name === undefined ? moved : [...moved, name + names];
}

/** Packs the chunks that may wait: deflated, in base64, end to end. @returns each one's place, and the text */
function packLazy(chunks) {
  const places = {};
  let tail = "";
  for (const { name, code } of chunks) {
    const module = `module.exports = ${OPEN}${code}\n});\n//# sourceMappingURL=${name}.map`;
    const text = deflateRawSync(module, { level: 9 }).toString("base64");
    places[`./${name}`] = [tail.length, text.length];
    tail += text;
  }
  return { places, tail };
}

/** Writes one tool: head, loader, eager chunks as functions, then the packed rest in a comment. */
async function buildTool(name) {
  const { entry, chunks, inputs } = await splitTool(name);
  const { places, tail } = packLazy(chunks.filter((chunk) => !chunk.isEager));
  let program = `${shellHead()}"use strict";\n${loader()}`;
  const placed = [];
  for (const chunk of chunks.filter(({ isEager }) => isEager)) {
    program += `__eager["./${chunk.name}"] = ${OPEN}`;
    placed.push({ line: program.split("\n").length - 1, map: chunk.map });
    program += `${chunk.code}\n});\n`;
  }
  const start = (offset) =>
    `const __packed = ${JSON.stringify(places)}, __tail = ${String(offset).padStart(9)};\n__load("./${entry}");\n/*`;
  const offset = program.length + start(0).length;
  const end = `*/\n//# sourceMappingURL=maps/${name}.map\n`;

  const maps = [[`${name}.map`, joinMaps(placed)]];
  for (const { name: file, map, isEager } of chunks)
    if (!isEager) maps.push([`${file}.map`, joinMaps([{ line: 1, map }])]);
  for (const [file, map] of maps) replace(path.join(MAPS, file), JSON.stringify(map));
  replace(path.join(dist, name), program + start(offset) + tail + end, 0o755);
  const kb = (bytes) => `${Math.ceil(bytes / 1024)} KB`;
  console.log(`dist/${name}: ${kb(offset)} at start, ${kb(tail.length)} packed`);
  return { maps: maps.map(([file]) => file), inputs };
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
  for (const { reason } of failed) if (!("errors" in reason)) console.error(reason);
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
  writeLicences(built.flatMap(({ inputs }) => inputs));
  replace(BUILT, "");
}
