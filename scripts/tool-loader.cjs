// The JavaScript half of every tool's file, in front of its program: runs the program, which stands in the file as a
// comment, and keeps what V8 has compiled of it for the next start. tool-file.mjs puts `__tool` before it:
//
//   build           tells the program's text from any other's
//   offset, length  where the program stands in the file, behind which the packed chunks begin; line: counted from 0
//   chunks          where each packed chunk begins behind the program, and how long it is, by name
//   entry           the chunk that is the program's
"use strict";
const fs = require("node:fs");

/** What users keep compiled code in is theirs alone: nobody else may have put anything there. */
const OTHERS_MAY_READ = 0o077;
const OTHERS_MAY_WRITE = 0o022;
/** So many files stay, the newest: of several tools, builds and versions of Node, two each. */
const KEPT = 32;
/** A run of this length can afford to see whether more has been compiled than is kept; of others one in so many does. */
const LONG_RUN_MS = 1000;
const ONE_RUN_IN = 16;
/** It is worth writing anew when it has grown by so much. */
const GROWTH = 1.05;
/** Linux's major number of /dev/null and its like. */
const MEMORY_DEVICES = 1;

const self = {
  get url() {
    return require("node:url").pathToFileURL(__filename).href;
  },
};
const eager = Object.create(null);
const loaded = Object.create(null);

/** Loads a chunk by name: an eager one from its function, a packed one from this file's tail. */
function load(name) {
  const found = loaded[name];
  if (found) return found.exports;
  const run = eager[name] || unpack(name);
  if (!run) return require(name);
  const module = (loaded[name] = { exports: {} });
  run(module.exports, load, module, __filename, __dirname, self);
  return module.exports;
}
Object.assign(load, { resolve: require.resolve, cache: require.cache, main: require.main });

function unpack(name) {
  const place = __tool.chunks[name];
  if (!place) return undefined;
  const packed = readPart(__filename, __tool.offset + __tool.length + place[0], place[1]).latin1Slice();
  const code = require("node:zlib").inflateRawSync(Buffer.from(packed, "base64")).latin1Slice();
  const { Script } = require("node:vm");
  const filename = require("node:path").join(__dirname, "maps", name.slice(2));
  const script = new Script(code, { filename, cachedData: late.compiled(name) });
  late.scripts.set(name, script);
  return script.runInThisContext();
}

/**
 * What is kept of packed chunks. One file for all, that begins with a line: where each one's bytes stand behind it, and how many, by name.
 */
const late = {
  scripts: new Map(),
  folder: "",
  file: "",
  /** By name, once there was one to look for. */
  known: undefined,

  /** @returns undefined when nothing is kept of it */
  compiled(name) {
    late.known ??= late.file === "" ? {} : late.read();
    return late.known[name];
  },

  read() {
    const bytes = readCache(late.folder, late.file);
    const end = bytes === undefined ? -1 : bytes.indexOf("\n");
    if (end < 0) return {};
    try {
      const places = Object.entries(JSON.parse(bytes.latin1Slice(0, end)));
      return Object.fromEntries(
        places.map(([name, [at, size]]) => [name, bytes.subarray(end + 1 + at, end + 1 + at + size)]),
      );
    } catch {
      return {}; // it is something else, and is replaced
    }
  },

  /** @param isDue - whether to see how much more has been compiled of what is kept */
  save(isDue) {
    const { scripts, known } = late;
    if (late.file === "" || scripts.size === 0) return;
    const isNew = [...scripts].some(
      ([name, script]) => known[name] === undefined || script.cachedDataRejected === true,
    );
    if (!isNew && !isDue) return;
    const parts = { ...known };
    for (const [name, script] of scripts) parts[name] = script.createCachedData();
    const sizeOf = (given) => Object.values(given).reduce((sum, { length }) => sum + length, 0);
    if (!isNew && sizeOf(parts) <= sizeOf(known) * GROWTH) return;
    let at = 0;
    const places = Object.entries(parts).map(([name, { length }]) => [name, [(at += length) - length, length]]);
    const line = Buffer.from(`${JSON.stringify(Object.fromEntries(places))}\n`, "latin1");
    writeCache(late.folder, late.file, Buffer.concat([line, ...Object.values(parts)]));
  },
};

function readPart(file, offset, length) {
  const bytes = Buffer.allocUnsafeSlow(length);
  const fd = fs.openSync(file);
  try {
    if (fs.readSync(fd, bytes, 0, length, offset) !== length) throw new Error(`internal error: ${file} is cut short`);
  } finally {
    fs.closeSync(fd);
  }
  return bytes;
}

/** Where compiled code is kept: MPMAKE_CACHE (empty: nowhere), the user's cache folder if there is one, else /var/tmp. */
function cacheFolder() {
  const { MPMAKE_CACHE, XDG_CACHE_HOME, HOME } = process.env;
  if (MPMAKE_CACHE !== undefined) return MPMAKE_CACHE;
  const own = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  if (own && own.startsWith("/") && fs.existsSync(own)) return `${own}/mpmake`;
  return `/var/tmp/mpmake-${process.geteuid()}`;
}

function isOurs({ uid, mode }, forbidden) {
  return uid === process.geteuid() && (mode & forbidden) === 0;
}

function isPrivate(folder) {
  const stat = fs.lstatSync(folder);
  return stat.isDirectory() && isOurs(stat, OTHERS_MAY_READ);
}

/** @returns undefined when nothing is kept, or somebody else could have had a hand in it */
function readCache(folder, file) {
  let fd;
  try {
    if (!isPrivate(folder)) return undefined;
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || !isOurs(stat, OTHERS_MAY_WRITE)) return undefined;
    const bytes = Buffer.allocUnsafeSlow(stat.size);
    return fs.readSync(fd, bytes, 0, stat.size, 0) === stat.size ? bytes : undefined;
  } catch {
    return undefined; // there is none, or none that can be read: the program is compiled as it runs
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** V8 believes what it is given: the bytes are on the disk before the file has its name. */
function writeCache(folder, file, bytes) {
  const unfinished = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isPrivate(folder)) return;
    const fd = fs.openSync(unfinished, "wx", 0o600);
    try {
      fs.writeFileSync(fd, bytes);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(unfinished, file);
    removeOld(folder);
  } catch {
    fs.rmSync(unfinished, { force: true }); // a start that stays slow is no reason to fail
  }
}

/** What builds and versions of Node that are no longer in use have left behind goes away. */
function removeOld(folder) {
  const files = fs.readdirSync(folder).map((name) => `${folder}/${name}`);
  const ages = files.map((file) => ({ file, mtimeMs: fs.lstatSync(file).mtimeMs }));
  for (const { file } of ages.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(KEPT)) fs.rmSync(file, { force: true });
}

/** The program's function, compiled as far as the cache has it. */
function compile() {
  const { Script } = require("node:vm");
  const text = readPart(__filename, __tool.offset, __tool.length).latin1Slice().replaceAll("*\x01/", "*/");
  const folder = cacheFolder();
  const options = { filename: __filename, lineOffset: __tool.line };
  if (folder === "") return new Script(text, options).runInThisContext();
  const file = `${folder}/${__tool.build}-${process.version}-${process.arch}`;
  Object.assign(late, { folder, file: `${file}-late` });
  const cachedData = readCache(folder, file);
  const script = new Script(text, { ...options, cachedData });
  const known = cachedData === undefined || script.cachedDataRejected ? 0 : cachedData.length;
  process.on("exit", () => {
    const isDue = process.uptime() * 1000 >= LONG_RUN_MS || process.pid % ONE_RUN_IN === 0;
    late.save(isDue);
    if (known > 0 && !isDue) return;
    const bytes = script.createCachedData();
    if (bytes.length > known * GROWTH) writeCache(folder, file, bytes);
  });
  return script.runInThisContext();
}

/** A terminal that has gone away is one no more for whoever asks; neither is any other device but the kernel's own, such as /dev/null. */
function isLostTerminal(fd) {
  try {
    const stat = fs.fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev >> 8 !== MEMORY_DEVICES && !require("node:tty").isatty(fd);
  } catch {
    return false; // it is closed
  }
}

// In its end Node gives the terminals among 0, 1 and 2 the modes back that they had, and aborts when one is not there any more.
process.once("exit", () => {
  for (const fd of [0, 1, 2]) {
    if (!isLostTerminal(fd)) continue;
    fs.closeSync(fd);
    fs.openSync("/dev/null", "r+"); // takes the number that has become free
  }
});

compile()(eager);
load(__tool.entry);
