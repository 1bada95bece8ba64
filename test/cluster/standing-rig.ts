/** A standing cluster in a tree, with nodes that are workers of this machine under names of their own. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { parseNodeRecord, type NodeRecord } from "../../src/placement/node-record.js";
import { type Ran, readLines, Rig, type RunOptions, writeLine } from "./rig.js";

export class StandingRig extends Rig {
  readonly folder = join(this.tree, ".mpmake/cluster");
  readonly started = this.makeFifo("started");
  readonly #pids = new Set<number>();

  /** Makes the cluster, without nodes. */
  async up(words: readonly string[] = []): Promise<Ran> {
    return this.mpmake(["--cluster=up", "--no-worker", ...words]);
  }

  /** Has a node join, at the loopback address unless told otherwise. @returns its process */
  async join(name: string, words: readonly string[] = [], slots = 1): Promise<number> {
    const where = ["--name", name, "--slots", String(slots), "--address", "127.0.0.1"];
    const joined = await this.mpmake(["--cluster=join", ...where, ...words, this.folder]);
    const offered = slots === 1 ? "1 slot" : `${String(slots)} slots`;
    expect(joined).toMatchObject({ status: 0, stdout: `${name} has joined: ${offered}\n` });
    return this.record(name).pid;
  }

  /** mpmake in the tree, without a key or nodes. */
  async mpmake(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const ran = await this.run("mpmake", words, options);
    this.notePids();
    return ran;
  }

  record(name: string): NodeRecord {
    const parsed = parseNodeRecord(readFileSync(join(this.folder, "nodes", name), "latin1"));
    if (!parsed.ok) throw new Error(`${name} ${parsed.error}`);
    return parsed.value;
  }

  /** Names of all that is where records are. */
  nodes(): readonly string[] {
    const nodes = join(this.folder, "nodes");
    return existsSync(nodes) ? readdirSync(nodes).sort() : [];
  }

  /** Targets that tell who runs them, and wait until they are let on. */
  writeMakefile(text: string): void {
    const targets = [...new Set(text.split(/[:\s]+/).filter((name) => /^\w+$/.test(name) && name !== "all"))];
    for (const target of targets) this.makeFifo(`go-${target}`);
    const recipe = "\t@echo $@ $$PPID > started; read word < go-$@; echo made $@\n";
    writeFileSync(join(this.tree, "Makefile"), `${text}\n${targets.join(" ")}:\n${recipe}`);
  }

  /** The next targets that start, and the processes that run them. */
  async starts(count: number): Promise<ReadonlyMap<string, number>> {
    const lines = await readLines(this.started, count);
    return new Map(lines.map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]));
  }

  /** Lets targets on. */
  async letOn(targets: Iterable<string>): Promise<void> {
    await Promise.all([...targets].map((target) => writeLine(join(this.tree, `go-${target}`), "on")));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.notePids();
    for (const pid of this.#pids) kill(pid, "SIGINT");
    await vi.waitFor(() => expect([...this.#pids].filter(isAlive)).toEqual([]), 15_000);
    await super[Symbol.asyncDispose]();
  }

  /** What runs now ends with the rig. */
  notePids(): void {
    for (const name of this.nodes().filter((one) => /^[a-z]\w*$/.test(one))) this.#pids.add(this.record(name).pid);
  }
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${String(pid)}`) && !/ [ZX] /.test(statOf(pid));
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  if (isAlive(pid)) process.kill(pid, signal);
}

function statOf(pid: number): string {
  try {
    return (
      readFileSync(`/proc/${String(pid)}/stat`, "latin1")
        .split(")")
        .at(-1) ?? ""
    );
  } catch {
    return " X "; // it has just gone
  }
}
