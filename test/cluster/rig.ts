/** A cluster on this machine's loopback made of the real tools in dist/, and ways to watch it. */

import { execFileSync } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  lstatSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { TestContext } from "vitest";
import { type LocalWorkers, startLocalWorkers } from "../../src/launch/local.js";

const dist = join(import.meta.dirname, "../../dist");
export const isRoot = process.getuid?.() === 0;

/** Skips a test that needs mounts of its own. */
export function needsRoot(context: TestContext): void {
  context.skip(!isRoot, "a node that sees other directories needs mounts of its own, and so root");
}

/** Skips a test that shows programs another time. */
export function needsFaketime(context: TestContext): void {
  context.skip(!existsSync("/usr/bin/faketime"), "a clock that is off needs faketime, which is not installed");
}

/** Words before a command that give it a clock which is off; without a process between, which would keep signals away. */
export function withClockOff(seconds: string): readonly string[] {
  return ["env", faketimePreload(), `FAKETIME=${seconds}`];
}

/** The same with a clock that goes by what stands in a file, as often as that changes; the monotonic one, and files' times, stay. */
export function withClockOf(file: string): readonly string[] {
  const unfaked = ["FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"];
  return ["env", faketimePreload(), `FAKETIME_TIMESTAMP_FILE=${file}`, "FAKETIME_NO_CACHE=1", ...unfaked];
}

function faketimePreload(): string {
  const [preload = ""] = execFileSync("faketime", ["-f", "+0", "printenv", "LD_PRELOAD"], {
    encoding: "utf8",
  }).split("\n");
  return `LD_PRELOAD=${preload}`;
}

/** A group that nobody else listens to, of addresses for one's own use, on the loopback interface. */
export function anyGroup(): string {
  return `lo:239.${String(randomInt(192, 252))}.${String(randomInt(1, 255))}.${String(randomInt(1, 255))}:${String(randomInt(20_000, 30_000))}`;
}

/** The path of a built tool. */
export function tool(name: string): string {
  return join(dist, name);
}

/** How a tool ended and what it said. */
export interface Ran {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Whether its output is collected; it is to be read by the caller otherwise. */
  readonly buffer?: boolean;
}

export interface WorkersOptions {
  readonly count?: number;
  readonly slots?: number;
  readonly wrapper?: (index: number) => readonly string[];
  /** Where the only one listens; a free port unless given. */
  readonly port?: number;
  /** More of mexecd's arguments. */
  readonly words?: readonly string[];
}

/** For a shell, as the first thing that it does: what the caller of the tests left open by chance is not to be seen. */
export const CLOSE_OTHERS =
  'for f in /proc/$$/fd/*; do f=${f##*/}; if [ $f -gt 2 ] && [ $f -ne 255 ]; then eval "exec $f>&-"; fi; done';

/** A directory with a key pair and a tree in it; everything that was started ends with it. */
export class Rig implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "mpmake-cluster-"));
  readonly tree = join(this.directory, "tree");
  readonly key = join(this.directory, "key");
  readonly #started: AsyncDisposable[] = [];

  constructor() {
    if (!existsSync(tool("mpmake"))) throw new Error("the tools are not built: npm run build");
    execFileSync("mkdir", [this.tree]);
    this.makeKey(this.key);
  }

  makeKey(path: string): void {
    execFileSync(tool("ckeygen"), [path, `${path}.pub`]);
  }

  async startWorkers({ count = 3, slots = 2, wrapper, port, words = [] }: WorkersOptions = {}): Promise<LocalWorkers> {
    const started = await startLocalWorkers({
      count,
      slots,
      keyFile: this.key,
      mexecd: tool("mexecd"),
      arguments: [
        ...(isRoot ? ["--allow-root"] : []),
        ...(port === undefined ? [] : ["--listen", `127.0.0.1:${String(port)}`]),
        ...words,
      ],
      environment: this.#environment(),
      directory: "/",
      ...(wrapper !== undefined && { wrapper }),
    });
    this.#started.push(started);
    return started;
  }

  /** Starts a tool; its output is collected. */
  start(name: string, words: readonly string[], options: RunOptions = {}) {
    return this.#start(tool(name), words, options);
  }

  /** Runs any program as a tool is run. */
  async runCommand(file: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return ranOf(await this.#start(file, words, options));
  }

  #start(file: string, words: readonly string[], options: RunOptions) {
    return execa(file, words, {
      cwd: options.directory ?? this.tree,
      env: { ...this.#environment(), ...options.environment },
      extendEnv: false,
      reject: false,
      buffer: options.buffer ?? true,
      stripFinalNewline: false,
      encoding: "latin1",
      forceKillAfterDelay: 5000,
      ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    });
  }

  async run(name: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return ranOf(await this.start(name, words, options));
  }

  /** mpmake with this rig's key. */
  make(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.run("mpmake", words, {
      ...options,
      environment: { MPMAKE_KEY: `${this.key}.pub`, ...options.environment },
    });
  }

  /** Makes a FIFO in the tree by which recipes tell that they have come somewhere, or wait to be let on. */
  makeFifo(name: string): string {
    const path = join(this.tree, name);
    execFileSync("mkfifo", [path]);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of this.#started) await started[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get path(): string {
    return (process.env["PATH"] ?? "/usr/bin:/bin").split(":").filter(isSearchable).join(":");
  }

  #environment(): Record<string, string> {
    return { PATH: this.path, HOME: this.directory, TMPDIR: this.directory, LC_ALL: "C" };
  }
}

function ranOf({
  exitCode,
  signal,
  stdout,
  stderr,
}: {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
}): Ran {
  return { status: exitCode ?? signal ?? "not started", stdout, stderr };
}

/** A directory of PATH that may not be searched makes "Permission denied" of "No such file or directory". */
function isSearchable(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The next lines that are written into a FIFO, by however many writers. */
export async function readLines(fifo: string, count: number): Promise<readonly string[]> {
  await using file = await open(fifo, "r+"); // open for writing too: it does not end between two writers
  let text = "";
  while (text.split("\n").length <= count) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4096));
    text += buffer.toString("latin1", 0, bytesRead);
  }
  return text.trimEnd().split("\n");
}

/** Writes a line into a FIFO, as soon as someone reads it. */
export async function writeLine(fifo: string, text: string): Promise<void> {
  await using file = await open(fifo, "w");
  await file.writeFile(`${text}\n`);
}

/** Every file below a directory with its mode and a digest of its content. */
export function digestTree(directory: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const names = readdirSync(directory, { recursive: true, encoding: "latin1" }).sort();
  for (const name of names) files[name] = digestOf(join(directory, name));
  return files;
}

function digestOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  const mode = (stat.mode & 0o7777).toString(8);
  if (!stat.isFile()) return mode;
  return `${mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}

/** Living processes that have `text` in their environment. */
export function processesWith(text: string): readonly string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && environOf(name).includes(text) && !isZombie(name));
}

/** Living processes with just this command line. */
export function processesRunning(command: string): readonly string[] {
  const words = `${command.replaceAll(" ", "\0")}\0`;
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && procFile(name, "cmdline") === words);
}

/** The folder of a process's control group, version 2. */
export function cgroupOf(pid: number): string {
  const [, mount = ""] = /^\S+ (\S+) cgroup2 /m.exec(readFileSync("/proc/self/mounts", "latin1")) ?? [];
  const [, inside = ""] = /^0::(\/.*)$/m.exec(procFile(String(pid), "cgroup")) ?? [];
  return join(mount, inside);
}

function procFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return ""; // it has just ended, or is not ours
  }
}

function environOf(pid: string): string {
  return procFile(pid, "environ");
}

function isZombie(pid: string): boolean {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1").split(")").at(-1) ?? "");
  } catch {
    return true;
  }
}
