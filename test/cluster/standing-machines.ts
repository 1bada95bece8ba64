/** Two machines with names and addresses of their own, and a wire between them: namespaces that share this machine's file system. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import type { Ran } from "./rig.js";
import { StandingRig } from "./standing-rig.js";

const dist = join(import.meta.dirname, "../../dist");
const ADDRESSES = { n1: "10.78.0.1", n2: "10.78.0.2" } as const;

export type Machine = keyof typeof ADDRESSES;

export class StandingMachines extends StandingRig {
  readonly #holders = new Map<Machine, ChildProcess>();

  /** Needs root. */
  static async start(): Promise<StandingMachines> {
    const rig = new StandingMachines();
    await rig.#hold("n1");
    await rig.#hold("n2");
    const [one, two] = [rig.#pid("n1"), rig.#pid("n2")];
    execFileSync("ip", ["link", "add", "wire", "netns", one, "type", "veth", "peer", "name", "wire", "netns", two]);
    for (const machine of ["n1", "n2"] as const) {
      const words = [`address add ${ADDRESSES[machine]}/24 dev wire`, "link set wire up", "link set lo up"];
      for (const each of words) rig.#in(machine, ["ip", ...each.split(" ")]);
    }
    return rig;
  }

  /** A line for a shell on one of the machines, where mpmake is in the PATH; in the tree, as the user is. */
  async on(machine: Machine, line: string): Promise<Ran> {
    const { exitCode, signal, stdout, stderr } = await execa("nsenter", [...this.#inside(machine), "sh", "-c", line], {
      cwd: this.tree,
      env: { PATH: `${dist}:${this.path}`, HOME: this.directory, TMPDIR: this.directory, LC_ALL: "C" },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
      stripFinalNewline: false,
    });
    this.notePids();
    return { status: exitCode ?? signal ?? "not started", stdout, stderr };
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    for (const holder of this.#holders.values()) holder.kill("SIGKILL");
  }

  #pid(machine: Machine): string {
    return String(this.#holders.get(machine)?.pid);
  }

  #inside(machine: Machine): readonly string[] {
    return ["-t", this.#pid(machine), "--net", "--uts"];
  }

  #in(machine: Machine, words: readonly string[]): void {
    execFileSync("nsenter", [...this.#inside(machine), ...words]);
  }

  /** A process that keeps a machine's namespaces. */
  async #hold(machine: Machine): Promise<void> {
    const holder = spawn("unshare", ["--net", "--uts", "sleep", "1000"], { stdio: "ignore" });
    this.#holders.set(machine, holder);
    const own = readlinkSync("/proc/self/ns/net");
    await expect.poll(() => readlinkSync(`/proc/${this.#pid(machine)}/ns/net`), { timeout: 20_000 }).not.toBe(own);
    this.#in(machine, ["hostname", machine]);
  }
}
