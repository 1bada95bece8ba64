/** A worker that root started, on a machine of its own accounts: a mount namespace with lists of users that are this test's. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { execa } from "execa";
import type { TestContext } from "vitest";
import { secureOptionsOf } from "../../src/net/credential.js";
import { channelOf } from "../../src/net/munge.js";
import { Endpoint, type Received } from "../../src/wire/endpoint.js";
import { type ClientKeyFile, parseKeyFile } from "../../src/wire/key-file.js";
import { CLOSE_OTHERS } from "./rig.js";

const dist = join(import.meta.dirname, "../../dist");

/** Skips a test that needs root, to be several users, and says so. */
export function needsRoot(context: TestContext): void {
  context.skip(process.getuid?.() !== 0, "being several users needs root");
}

/** User numbers that no machine's own accounts have. */
export const UIDS = {
  alice: 20_001,
  bob: 20_002,
  carol: 20_003,
  dave: 20_004,
  erin: 20_005,
  system: 901,
  mexecd: 20_009,
};
export type User = keyof typeof UIDS | "root";

function isUser(name: string): name is keyof typeof UIDS {
  return Object.hasOwn(UIDS, name);
}

/** carol has no shell, dave's account has expired, erin's password is locked. */
const PASSWD = (home: string): string =>
  Object.entries(UIDS)
    .map(([name, uid]) => {
      const shell = name === "carol" || name === "mexecd" ? "/usr/sbin/nologin" : "/bin/sh";
      return `${name}:x:${String(uid)}:${String(uid)}::${home}/${name}:${shell}\n`;
    })
    .join("");
const GROUP = `${Object.entries(UIDS)
  .map(([name, uid]) => `${name}:x:${String(uid)}:\n`)
  .join("")}builders:x:20010:alice,bob\nsecret:x:20011:alice\n`;
const SHADOW = "alice:*:19000::::::\nbob:*:19000::::::\ndave:*:19000:::::19001:\nerin:!$y$x:19000::::::\n";
const LISTS = ["passwd", "group", "shadow"] as const;
const MOUNT = `set -e; cd "$1"; shift; for list in ${LISTS.join(" ")}; do mount --bind $list /etc/$list; done; cd /; exec "$@"`;

/** How a client's run ended. */
export interface Ran {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export class RootRig implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "mpmake-root-"));
  readonly key = join(this.directory, "key");
  readonly authorized = join(this.directory, "authorized");
  readonly auditFile = join(this.directory, "audit");
  port = 0;
  #worker: ChildProcess | undefined;
  #stderr = "";

  constructor() {
    chmodSync(this.directory, 0o755);
    for (const list of LISTS) copyFileSync(`/etc/${list}`, join(this.directory, list));
    const add = (list: (typeof LISTS)[number], text: string): void =>
      writeFileSync(join(this.directory, list), text, { flag: "a" });
    add("passwd", PASSWD(this.directory));
    add("group", GROUP);
    add("shadow", SHADOW);
    for (const [name, uid] of [...Object.entries(UIDS), ["root", 0] as const]) {
      mkdirSync(join(this.directory, name));
      chownSync(join(this.directory, name), uid, uid);
      // A machine that has much else to do may take its time.
      writeFileSync(join(this.directory, name, "mpmake.config.json"), '{ "connectTimeoutMs": 15000 }');
    }
    execFileSync(join(dist, "ckeygen"), [this.key]);
    this.writeAuthorized("");
  }

  /** Makes a user a credential. @returns its line for the file */
  credential(user: string, holder = user): string {
    const line = execFileSync(join(dist, "ckeygen"), ["-c", user, this.key], { encoding: "utf8" }).trim();
    const uid = isUser(holder) ? UIDS[holder] : 0;
    chownSync(`${this.key}.${user}`, uid, uid);
    return line;
  }

  writeAuthorized(...lines: readonly string[]): void {
    writeFileSync(this.authorized, lines.map((line) => `${line}\n`).join(""), { mode: 0o644 });
  }

  /** Starts the worker, through a wrapper if there is one, and waits until it listens. */
  async start(more: readonly string[] = [], wrapper: readonly string[] = []): Promise<void> {
    const words = ["--key", this.key, "--authorized", this.authorized, "--audit", this.auditFile];
    const own = ["--listen", "127.0.0.1:0", "--slots", "4", ...words, ...more];
    const inside = ["--mount", "--propagation", "private", "sh", "-c", MOUNT, "sh", this.directory];
    const worker = spawn("unshare", [...inside, ...wrapper, join(dist, "mexecd"), ...own], {
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#worker = worker;
    worker.stderr.on("data", (bytes: Buffer) => (this.#stderr += bytes.toString("latin1")));
    const ready = new Promise<void>((resolve) => {
      createInterface({ input: worker.stdout }).on("line", (line) => {
        this.port = Number(/listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1]);
        resolve();
      });
    });
    const early = once(worker, "exit").then(() => {
      throw new Error(`mexecd did not start: ${this.#stderr}`);
    });
    early.catch(() => undefined); // its end later is nobody's error
    await Promise.race([ready, early]);
  }

  /** Of the monitor. */
  get pid(): number {
    return this.#worker?.pid ?? 0;
  }

  /** The parts that the monitor has started: their numbers by what they are, `network` or `alice`. */
  parts(): ReadonlyMap<string, number> {
    const pids = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(this.pid)], { encoding: "latin1" });
    const parts = [...pids.matchAll(/^ *(\d+) mexecd: (\w+) *$/gm)];
    return new Map(parts.map(([, pid, name = ""]) => [name, Number(pid)]));
  }

  /** The process that is to become the next user's. */
  spare(): number {
    const pids = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(this.pid)], { encoding: "latin1" });
    return Number(/^ *(\d+) .*mexecd user-part *$/m.exec(pids)?.[1]);
  }

  kill(signal: NodeJS.Signals): void {
    this.#worker?.kill(signal);
  }

  async ended(): Promise<void> {
    if (this.#worker?.exitCode === null && this.#worker.signalCode === null) await once(this.#worker, "exit");
  }

  /** Runs a command as a user of that machine, in that user's own directory. */
  async as(user: User, words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const home = join(this.directory, user);
    const become = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "env", "-i", `--chdir=${home}`];
    const variables = Object.entries({ PATH: process.env["PATH"] ?? "", HOME: home, MPMAKE_CACHE: "", ...environment });
    const prefix = [
      "-t",
      String(this.pid),
      "--mount",
      ...become,
      ...variables.map(([name, value]) => `${name}=${value}`),
    ];
    const { exitCode, signal, stdout, stderr } = await execa("nsenter", [...prefix, ...words], {
      reject: false,
      stdin: "ignore",
      encoding: "latin1",
      stripFinalNewline: false,
    });
    return { status: exitCode ?? signal ?? "not started", stdout, stderr };
  }

  /** A build of a recipe by a user with a credential, on this worker alone. */
  make(user: User, recipe: readonly string[], credential: string = user): Promise<Ran> {
    const makefile = join(this.directory, user, "Makefile");
    writeFileSync(makefile, `all:\n${recipe.map((line) => `\t@${line}\n`).join("")}`);
    const nodes = `127.0.0.1:${String(this.port)}*4`;
    const key = credential === "" ? this.key : `${this.key}.${credential}`;
    const mpmake = [join(dist, "mpmake"), "--nodes", nodes, "--strict"];
    return this.as(user, ["bash", "-c", `${CLOSE_OTHERS}; exec "$@"`, "bash", ...mpmake], { MPMAKE_KEY: key });
  }

  /** What a client hears that proves a credential and claims a user number; `mungeFor` shows one of MUNGE for its channel. */
  async greet(user: string, uid: number, mungeFor?: (channel: string) => Promise<string>): Promise<Received> {
    const { socket, heard } = await this.greeted(user, uid, mungeFor);
    socket.destroy();
    return heard;
  }

  async greeted(
    user: string,
    uid: number,
    mungeFor?: (channel: string) => Promise<string>,
  ): Promise<{ readonly socket: TLSSocket; readonly endpoint: Endpoint; readonly heard: Received }> {
    const socket = connectTls({
      ...secureOptionsOf(this.keyOf(user)),
      host: "127.0.0.1",
      port: this.port,
      ALPNProtocols: ["mpmake/1"],
      checkServerIdentity: () => undefined,
    });
    const endpoint = new Endpoint("client");
    const hello = { type: "hello", stream: 0, version: 1, name: "test", uid, askedMs: 0 } as const;
    if (mungeFor === undefined) endpoint.send(hello);
    else {
      await once(socket, "secureConnect");
      const munge = await mungeFor(channelOf(socket, this.keyOf(user).workerCertificate));
      endpoint.send({ ...hello, munge });
    }
    const heard = await new Promise<Received>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("closed without a word")));
      socket.on("data", (bytes: Buffer) => {
        const [first] = endpoint.receive(bytes);
        if (first !== undefined) resolve(first);
      });
      for (const bytes of endpoint.takeOutput()) socket.write(bytes);
    });
    return { socket, endpoint, heard };
  }

  keyOf(user: string): ClientKeyFile {
    const key = parseKeyFile(readFileSync(user === "" ? `${this.key}.pub` : `${this.key}.${user}`, "latin1"));
    if (!key.ok || key.value.kind !== "client") throw new Error(`no key of ${user}`);
    return key.value;
  }

  /** The log's records. */
  audit(): readonly Readonly<Record<string, unknown>>[] {
    if (!existsSync(this.auditFile)) return [];
    const lines = readFileSync(this.auditFile, "latin1").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGINT");
    await this.ended();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
