// What a tool's file is: a shell script and a CommonJS program at once, that holds all of its code in itself.
//
//   #!/bin/sh
//   ':' //; …               head.sh on one line: for JavaScript a string and a comment
//   "use strict"; …         tool-loader.cjs
//   /*…                     the program: the chunks that are needed at once, each a function, read and compiled by the loader
//   …*/                     the other chunks: deflated, in base64, unpacked when they are reached
//
// Parsing what is not used would cost more than Node's own start-up, and a file beside the tool would be lost when the
// tool is copied.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { deflateRawSync } from "node:zlib";
import { transformSync } from "esbuild";
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
  const { program, placed } = joinEager(chunks.filter(({ isEager }) => isEager));
  const loader = toolLoader();
  const build = `${name}-${createHash("sha256").update(program).digest("hex").slice(0, 16)}`;
  const front = (offset, line) =>
    `${shellHead(name)}"use strict";
const __tool = {
  build: "${build}", entry: "./${entry}", chunks: ${JSON.stringify(places)},
  offset: ${String(offset).padStart(9)}, length: ${program.length}, line: ${String(line).padStart(3)},
};
${loader}/*`;
  const { length } = front(0, 0);
  const line = front(0, 0).split("\n").length - 1;
  const text = `${front(length, line)}${program}${tail}*/\n//# sourceMappingURL=maps/${name}.map\n`;
  // places are counted in bytes, and a text of wider characters would take Node twice as long to read
  if (Buffer.byteLength(text) !== text.length) throw new Error(`${name}: a character outside ASCII in the bundle`);
  const maps = { [`${name}.map`]: joinMaps(placed.map((chunk) => ({ ...chunk, line: line + chunk.line }))) };
  for (const chunk of chunks) if (!chunk.isEager) maps[`${chunk.name}.map`] = joinMaps([{ line: 1, map: chunk.map }]);
  return { text, maps, startBytes: length + program.length, packedBytes: tail.length };
}

/** The loader without its comments. */
function toolLoader() {
  const source = readFileSync(path.join(root, "scripts", "tool-loader.cjs"), "utf8");
  return transformSync(source, { minifyWhitespace: true, lineLimit: 120, charset: "ascii", platform: "node" }).code;
}

/** The program's text: a function that takes an object for the eager chunks. It stands in a comment, which must not end in it. */
function joinEager(chunks) {
  let program = "(function(__eager) {\n";
  const placed = [];
  for (const { name, code, map } of chunks) {
    program += `__eager["./${name}"] = ${OPEN}`;
    placed.push({ line: program.split("\n").length - 1, map });
    program += `${code}\n});\n`;
  }
  return { program: `${program}})`.replaceAll("*/", "*\x01/"), placed };
}

/** The shell half of a tool as one line that is also JavaScript: a string, then a comment. */
function shellHead(name) {
  const own = path.join(root, "scripts", `head-${name}.sh`);
  const parts = [...(existsSync(own) ? [own] : []), path.join(root, "scripts", "head.sh")];
  const statements = parts
    .flatMap((file) => readFileSync(file, "utf8").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return `#!/bin/sh\n':' //; ${statements.join(" ")}\n`;
}

/** Packs the chunks that may wait: deflated, in base64, end to end. @returns each one's place, and the text */
function packLazy(chunks) {
  const places = {};
  let tail = "";
  for (const { name, code } of chunks) {
    const chunk = `${OPEN}${code}\n});\n//# sourceMappingURL=${name}.map`;
    const text = deflateRawSync(chunk, { level: 9 }).toString("base64");
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
