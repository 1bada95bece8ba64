/**
 * Runs one makefile case with any make and writes down what it did: output, exit statuses and files.
 *
 * A case is a makefile whose leading comments may give directives (see test/makefiles/README.md). It is copied as `Makefile`
 * into a fresh folder, and the commands are run there one after the other with stdout and stderr in one file.
 */

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** What files get as their time unless a case says otherwise: 2020-01-01, in seconds since the epoch. */
const BASE_TIME = 1577836800;
const DEFAULT_TIMEOUT_MS = 30_000;

/** Reads the directives of a case. Text is latin1: one char a byte. */
export function parseCase(text) {
  const commands = [];
  const environment = {};
  const files = [];
  let stdin = "";
  for (const line of text.split("\n")) {
    if (!line.startsWith("#")) break;
    const directive = /^#(args|run|env|file|dir|link|stdin):(?: (.*))?$/.exec(line);
    const body = directive?.[2] ?? "";
    if (line.startsWith("#+")) {
      const last = files.at(-1);
      if (last === undefined || last.kind !== "file") throw new Error(`no #file before: ${line}`);
      last.text += `${line.slice(2)}\n`;
    } else if (directive === null) {
      if (/^#[a-z]+:/.test(line)) throw new Error(`unknown directive: ${line}`);
    } else if (directive[1] === "args") commands.push({ kind: "args", text: body, argv: splitWords(body) });
    else if (directive[1] === "run") commands.push({ kind: "run", text: body });
    else if (directive[1] === "env")
      environment[body.slice(0, body.indexOf("="))] = unescape(body.slice(body.indexOf("=") + 1));
    else if (directive[1] === "stdin") stdin += `${unescape(body)}\n`;
    else files.push(fileDirective(directive[1], body));
  }
  if (commands.length === 0) commands.push({ kind: "args", text: "", argv: [] });
  return { text, commands, environment, files, stdin };
}

/** `PATH[@SECONDS][ = TEXT]`, or `NAME -> TARGET` for a link. */
function fileDirective(kind, body) {
  const link = /^(.*) -> (.*)$/.exec(body);
  if (kind === "link") {
    if (link === null) throw new Error(`not a link: ${body}`);
    return { kind, path: link[1], target: link[2], seconds: 0 };
  }
  const parts = /^([^\t-\r ]+?)(?:@(-?[\d.]+))?(?: = (.*))?$/.exec(body);
  if (parts === null) throw new Error(`not a file: ${body}`);
  const text = parts[3] === undefined ? "" : `${unescape(parts[3])}\n`;
  return { kind, path: unescape(parts[1]), seconds: Number(parts[2] ?? 0), text };
}

function unescape(text) {
  return text.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, code) => {
    if (code[0] === "x" && code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: "\n", t: "\t", r: "\r", s: " " }[code] ?? code;
  });
}

/** Words of a command line: blanks part them, quotes and backslashes hold them together as in a shell. */
export function splitWords(text) {
  const words = [];
  let word;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === " ") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (c === "'" || c === '"') {
      const end = text.indexOf(c, i + 1);
      if (end < 0) throw new Error(`unbalanced quote in: ${text}`);
      word = (word ?? "") + text.slice(i + 1, end);
      i = end;
    } else word = (word ?? "") + (c === "\\" ? text[++i] : c);
  }
  if (word !== undefined) words.push(word);
  return words;
}

/**
 * Runs a case in a fresh folder and returns its transcript as a byte string.
 *
 * @param make - the program to run; called through a symbolic link named `make`
 */
export async function runCase(testCase, make, options = {}) {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(options.scratch ?? os.tmpdir(), "mkcase-")));
  try {
    return await runIn(root, testCase, { make, timeoutMs: DEFAULT_TIMEOUT_MS, ...options });
  } finally {
    fs.rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A folder that may not be searched makes "Permission denied" of "No such file or directory". */
function searchablePath() {
  const folders = (process.env["PATH"] ?? "/usr/bin:/bin").split(":");
  return folders.filter(maySearch).join(":");
}

function maySearch(folder) {
  try {
    fs.accessSync(path.join(folder, "."), fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function runIn(root, testCase, { make, timeoutMs }) {
  const directory = path.join(root, "work");
  const temporary = path.join(root, "tmp");
  const program = path.join(root, "bin", "make");
  for (const folder of [directory, temporary, path.dirname(program)]) fs.mkdirSync(folder);
  fs.symlinkSync(fs.realpathSync(make), program);
  layOut(directory, testCase);
  const before = snapshot(directory);
  const environment = {
    PATH: searchablePath(),
    HOME: "/nonexistent",
    LC_ALL: "C",
    TMPDIR: temporary,
    ...testCase.environment,
  };
  let transcript = "";
  for (const command of testCase.commands) {
    const { output, status } = await runCommand(command, {
      root,
      directory,
      program,
      environment,
      stdin: testCase.stdin,
      timeoutMs,
    });
    const shown = command.kind === "run" ? `$ ${command.text}` : `$ make ${command.text}`.trimEnd();
    transcript += `${shown}\n${output}${output === "" || output.endsWith("\n") ? "" : "\n[no newline]\n"}[${status}]\n`;
  }
  transcript += describeFiles(directory, before);
  for (const name of fs.readdirSync(temporary).sort()) transcript += `== left behind in TMPDIR: ${name}\n`;
  return transcript.replaceAll(program, "{MAKE}").replaceAll(directory, "{DIR}").replaceAll(root, "{ROOT}");
}

function layOut(directory, testCase) {
  const times = [];
  const put = (entry) => {
    const where = Buffer.from(path.join(directory, entry.path), "latin1");
    fs.mkdirSync(Buffer.from(path.dirname(where.toString("latin1")), "latin1"), { recursive: true });
    if (entry.kind === "dir") fs.mkdirSync(where, { recursive: true });
    else if (entry.kind === "link") fs.symlinkSync(entry.target, where);
    else fs.writeFileSync(where, entry.text, "latin1");
    times.push([where, BASE_TIME + entry.seconds]);
  };
  put({ kind: "file", path: "Makefile", seconds: 0, text: testCase.text });
  for (const entry of testCase.files) put(entry);
  for (const [where, seconds] of times.reverse()) fs.lutimesSync(where, seconds, seconds);
}

function runCommand(command, { root, directory, program, environment, stdin, timeoutMs }) {
  const log = path.join(root, "output");
  const input = path.join(root, "input");
  fs.writeFileSync(input, stdin, "latin1");
  const inputFd = fs.openSync(input, "r");
  const logFd = fs.openSync(log, "w+");
  fs.closeSync(logFd);
  const appendFd = fs.openSync(log, "a");
  const [file, argv] = command.kind === "run" ? ["/bin/sh", ["-c", command.text]] : [program, command.argv];
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, {
      cwd: directory,
      env: command.kind === "run" ? { ...environment, MAKE: program } : environment,
      stdio: [inputFd, appendFd, appendFd],
      detached: true,
    });
    fs.closeSync(inputFd);
    fs.closeSync(appendFd);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      process.kill(-child.pid, "SIGKILL");
    }, timeoutMs);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      const status = timedOut ? "timed out" : signal === null ? `exit ${code}` : `killed by ${signal}`;
      resolve({ output: fs.readFileSync(log, "latin1"), status });
    });
  });
}

/** Every entry under a folder: what it is, its bytes and its time. */
function snapshot(directory) {
  const found = new Map();
  const walk = (relative) => {
    const names = fs.readdirSync(Buffer.from(path.join(directory, relative), "latin1"), { encoding: "latin1" });
    for (const name of names.sort()) {
      const inside = relative === "" ? name : `${relative}/${name}`;
      const where = Buffer.from(path.join(directory, inside), "latin1");
      const stat = fs.lstatSync(where, { bigint: true });
      if (stat.isDirectory()) {
        found.set(inside, { what: "directory", text: "", mtimeNs: 0n });
        walk(inside);
      } else if (stat.isSymbolicLink()) {
        found.set(inside, { what: `-> ${fs.readlinkSync(where, "latin1")}`, text: "", mtimeNs: 0n });
      } else if (stat.isFile()) {
        found.set(inside, { what: "file", text: fs.readFileSync(where, "latin1"), mtimeNs: stat.mtimeNs });
      } else found.set(inside, { what: "special", text: "", mtimeNs: 0n });
    }
  };
  walk("");
  return found;
}

function describeFiles(directory, before) {
  const after = snapshot(directory);
  let text = "";
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const old = before.get(name);
    const now = after.get(name);
    if (now === undefined) text += `== ${name} (deleted)\n`;
    else if (old === undefined || old.what !== now.what || old.text !== now.text) text += describeFile(name, now);
    else if (old.mtimeNs !== now.mtimeNs) text += `== ${name} (touched)\n`;
  }
  return text;
}

function describeFile(name, entry) {
  if (entry.what !== "file") return `== ${name} (${entry.what})\n`;
  if (entry.text === "") return `== ${name} (empty)\n`;
  if (entry.text.startsWith("!<arch>\n")) return `== ${name} (archive)\n`;
  if (entry.text.includes("\0")) return `== ${name} (binary)\n`;
  return `== ${name}\n${entry.text}${entry.text.endsWith("\n") ? "" : "\n[no newline]\n"}`;
}
