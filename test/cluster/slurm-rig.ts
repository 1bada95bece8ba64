/** A Slurm of this test's own on loopback: munged, slurmctld and four slurmd with a key, ports and folders that nobody else uses. */

import { execFileSync, type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import type { TestContext } from "vitest";
import { Rig, type RunOptions, type Ran } from "./rig.js";

const PROGRAMS = ["/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/srun", "/usr/bin/salloc"];
const missing = PROGRAMS.filter((path) => !existsSync(path));

/** Whether a Slurm can be started here. */
export const hasSlurm = process.getuid?.() === 0 && missing.length === 0;

/** Skips a test that needs a Slurm of its own, and says why. */
export function needsSlurm(context: TestContext): void {
  context.skip(process.getuid?.() !== 0, "a Slurm of our own needs root");
  context.skip(missing.length > 0, `a Slurm of our own needs ${missing.join(", ")}, which is not installed`);
}

/** Looked at so often; each look is a question to slurmctld. */
const LOOK_MS = 50;
const UP_WITHIN_MS = 30_000;
const END_WITHIN_MS = 10_000;

export const SLURM_NODES = ["n1", "n2", "n3", "n4"] as const;
export type SlurmNode = (typeof SLURM_NODES)[number];

/** A directory with a tree in it, and a Slurm; everything that was started ends with it. */
export class SlurmRig extends Rig {
  readonly #home = join(this.directory, "slurm");
  readonly #daemons = new Map<string, ChildProcess>();

  /** For a rig whose Slurm is up. */
  static async start(): Promise<SlurmRig> {
    const rig = new SlurmRig();
    try {
      await rig.#up();
    } catch (error) {
      await rig[Symbol.asyncDispose]();
      throw error;
    }
    return rig;
  }

  /** What Slurm's own programs need to find it. */
  get environment(): Readonly<Record<string, string>> {
    return { SLURM_CONF: this.#file("slurm.conf") };
  }

  /** What one of Slurm's programs prints. */
  ask(program: string, ...words: readonly string[]): string {
    return execFileSync(program, words, {
      env: { PATH: this.path, TZ: "UTC", ...this.environment },
      encoding: "latin1",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  }

  /** Starts one of Slurm's programs, as a user would. */
  startSlurm(program: string, words: readonly string[], { directory, environment, input }: RunOptions = {}) {
    return execa(program, words, {
      cwd: directory ?? this.tree,
      env: {
        PATH: this.path,
        HOME: this.directory,
        TMPDIR: this.directory,
        LC_ALL: "C",
        ...this.environment,
        ...environment,
      },
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      encoding: "latin1",
      forceKillAfterDelay: 5000,
      ...(input === undefined ? { stdin: "ignore" as const } : { input }),
    });
  }

  /** Runs a command in an allocation of its own: `salloc OPTIONS COMMAND`. */
  async salloc(options: readonly string[], command: readonly string[], more: RunOptions = {}): Promise<Ran> {
    const run = await this.startSlurm("salloc", ["--quiet", ...options, ...command], more);
    return { status: run.exitCode ?? run.signal ?? "not started", stdout: run.stdout, stderr: run.stderr };
  }

  /** An allocation that is there until the test lets it go. */
  async hold(options: readonly string[]): Promise<AsyncDisposable & { readonly jobId: string }> {
    const command = ["sh", "-c", "echo $SLURM_JOB_ID; exec sleep 1000"];
    const held = this.startSlurm("salloc", ["--quiet", "--kill-command=TERM", ...options, ...command]);
    const [line] = (await once(createInterface({ input: held.stdout }), "line")) as [string];
    const jobId = line;
    const letGo = async (): Promise<void> => {
      this.ask("scancel", jobId);
      await held;
    };
    return { jobId, [Symbol.asyncDispose]: letGo };
  }

  /** Numbers of jobs that Slurm still runs or is to run. */
  jobs(): readonly string[] {
    return this.ask("squeue", "-h", "-o", "%i").split("\n").filter(Boolean);
  }

  /** Resolves when Slurm has no jobs, and all nodes are free. */
  async idle(): Promise<void> {
    await until("no job is left", () => this.jobs().length === 0);
    await until("all nodes are idle", () => this.ask("sinfo", "-h", "-o", "%T") === "idle");
  }

  /** The slurmd of a node. */
  pidOf(node: SlurmNode): number {
    const pid = this.#daemons.get(node)?.pid;
    if (pid === undefined) throw new Error(`${node} is not up`);
    return pid;
  }

  /** Kills a node's slurmd; nothing that it has started dies with it. */
  async killNode(node: SlurmNode): Promise<void> {
    await this.#end(node, "SIGKILL");
  }

  /** Starts it again. */
  async startNode(node: SlurmNode): Promise<void> {
    this.#startDaemon(node, ["/usr/sbin/slurmd", "-D", "-N", node]);
    await until(`${node} is idle`, () => /^idle\*?$/.test(this.ask("sinfo", "-h", "-n", node, "-o", "%T")));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#daemons.has("slurmctld")) await this.#cancelJobs();
    } finally {
      for (const name of [...this.#daemons.keys()].reverse()) await this.#end(name, "SIGTERM");
      await super[Symbol.asyncDispose]();
    }
  }

  async #cancelJobs(): Promise<void> {
    const leaders = new Set(this.jobs().map((id) => id.replace(/[+_].*/, "")));
    if (leaders.size > 0) this.ask("scancel", ...leaders);
    await until("no job is left", () => this.jobs().length === 0);
  }

  #file(name: string): string {
    return join(this.#home, name);
  }

  async #up(): Promise<void> {
    chmodSync(this.directory, 0o755); // munged wants that others can reach its socket
    for (const path of [this.#home, this.#file("state"), this.#file("spool")]) mkdirSync(path, { mode: 0o755 });
    writeFileSync(this.#file("munge.key"), randomBytes(1024), { mode: 0o400 });
    writeFileSync(this.#file("slurm.conf"), await this.#configuration());
    const socket = this.#file("munge.socket");
    const files = ["key", "pid", "seed", "log"].map((kind) => `--${kind}-file=${this.#file(`munge.${kind}`)}`);
    this.#startDaemon("munged", ["/usr/sbin/munged", "-F", "-f", `--socket=${socket}`, ...files]);
    await until("munged is up", () => existsSync(socket));
    this.#startDaemon("slurmctld", ["/usr/sbin/slurmctld", "-D"]);
    for (const node of SLURM_NODES) this.#startDaemon(node, ["/usr/sbin/slurmd", "-D", "-N", node]);
    await until("all nodes are idle", () => this.#isIdle());
  }

  #isIdle(): boolean {
    try {
      return this.ask("sinfo", "-h", "-o", "%T") === "idle";
    } catch {
      this.#checkDaemons();
      return false; // slurmctld does not listen yet
    }
  }

  async #configuration(): Promise<string> {
    const [host = ""] = hostname().split(".");
    const ports = await freePorts(1 + SLURM_NODES.length);
    const nodes = SLURM_NODES.map(
      (node, at) =>
        `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${String(ports[at + 1])} CPUs=4 State=UNKNOWN`,
    );
    const file = (name: string): string => this.#file(name);
    return [
      "ClusterName=rig",
      `SlurmctldHost=${host}(127.0.0.1)`,
      `SlurmctldPort=${String(ports[0])}`,
      ...["SlurmUser=root", "SlurmdUser=root"],
      ...["AuthType=auth/munge", `AuthInfo=socket=${file("munge.socket")}`, "CryptoType=crypto/munge"],
      ...[`StateSaveLocation=${file("state")}`, `SlurmdSpoolDir=${file("spool")}/%n`],
      ...[`SlurmctldPidFile=${file("ctld.pid")}`, `SlurmdPidFile=${file("%n.pid")}`],
      ...[`SlurmctldLogFile=${file("ctld.log")}`, `SlurmdLogFile=${file("%n.log")}`],
      ...["ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "SwitchType=switch/none", "MpiDefault=none"],
      ...["SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU", "JobAcctGatherType=jobacct_gather/none"],
      ...["AccountingStorageType=accounting_storage/none", "SlurmdParameters=config_overrides", "ReturnToService=2"],
      ...[
        "MinJobAge=10",
        "SlurmdTimeout=10",
        "KillWait=5",
        "SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1",
      ],
      ...nodes,
      "PartitionName=all Nodes=n[1-4] Default=YES State=UP",
      "PartitionName=other Nodes=n[3-4] State=UP",
      "",
    ].join("\n");
  }

  #startDaemon(name: string, [program = "", ...words]: readonly string[]): void {
    const log = openSync(this.#file(`${name}.out`), "a");
    const env = { ...process.env, ...this.environment };
    // A group of its own: a terminal's Ctrl-C is for the test, which ends them in order.
    const daemon = spawn(program, words, { cwd: "/", env, stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    this.#daemons.set(name, daemon);
  }

  #checkDaemons(): void {
    for (const [name, { exitCode, signalCode }] of this.#daemons)
      if (exitCode !== null || signalCode !== null)
        throw new Error(`${name} has ended: ${readFileSync(this.#file(`${name}.out`), "latin1").slice(-1000)}`);
  }

  async #end(name: string, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const daemon = this.#daemons.get(name);
    this.#daemons.delete(name);
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, "exit");
    daemon.kill(signal);
    const late = setTimeout(() => daemon.kill("SIGKILL"), END_WITHIN_MS);
    await ended;
    clearTimeout(late);
  }
}

/** Looks until it is so: what Slurm does can be asked for only. @throws Error when it does not become so */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const since = performance.now();
  while (!isSo()) {
    if (performance.now() - since > UP_WITHIN_MS) throw new Error(`not within ${String(UP_WITHIN_MS)} ms: ${what}`);
    await pause(LOOK_MS);
  }
}

/** Ports of 127.0.0.1 that nobody uses now. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
