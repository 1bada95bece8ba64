// What a tool's file is: a shell script and a CommonJS program at once, that holds all of its code in itself.
//
//   #!/bin/sh
//   ':' //; …               head.sh on one line: for JavaScript a string and a comment
//   "use strict"; …         the loader, and the chunks that are needed at once, each a function
//   /*…*/                   the other chunks: deflated, in base64, skipped by the parser and unpacked when they are reached
//
// Parsing what is not used would cost more than Node's own start-up, and a file beside the tool would be lost when the
// tool is copied.
import { readFileSync } from "node:fs";
import path from "node:path";
import { deflateRawSync } from "node:zlib";
import { decode, encode } from "@jridgewell/sourcemap-codec";
import { root } from "./project.mjs";

/** Opens a chunk's function, on a line of its own: given what a CommonJS module has, and the tool's file as a URL. */
const OPEN = "(function(exports, require, module, __filename, __dirname, __self) {\n";

/**
 * Puts a tool's file together.
 *
 * @param name - the tool's
 * @param entry - the name of the chunk that is the program
 * @param chunks - {name, code, map, isEager}, the code as the body of a CommonJS function, an eager one after those it needs
 * @returns the file's text, the maps by file name, and how many bytes are read at start and how many are packed
 */
export function packTool(name, { entry, chunks }) {
  const { places, tail } = packLazy(chunks.filter(({ isEager }) => !isEager));
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
  const maps = { [`${name}.map`]: joinMaps(placed) };
  for (const chunk of chunks) if (!chunk.isEager) maps[`${chunk.name}.map`] = joinMaps([{ line: 1, map: chunk.map }]);
  const text = `${program}${start(offset)}${tail}*/\n//# sourceMappingURL=maps/${name}.map\n`;
  // places are counted in bytes, and a text of wider characters would take Node twice as long to read
  if (Buffer.byteLength(text) !== text.length) throw new Error(`${name}: a character outside ASCII in the bundle`);
  return { text, maps, startBytes: offset, packedBytes: tail.length };
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
