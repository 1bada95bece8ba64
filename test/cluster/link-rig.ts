/** Two machines and the wire between them: network namespaces of this test's own, joined by a pair of virtual devices. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { expect } from "vitest";

const dist = join(import.meta.dirname, "../../dist");
const CLIENT = "10.77.0.1";
const NODE = "10.77.0.2";

export class LinkRig implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "mpmake-link-"));
  readonly #holders: ChildProcess[] = [];
  #worker: ChildProcess | undefined;
  #nodes = "";

  /** Makes the machines and starts the worker on one of them. Needs root. */
  static async start(): Promise<LinkRig> {
    const rig = new LinkRig();
    await Promise.all([rig.#hold(), rig.#hold()]);
    const [client, node] = rig.#holders.map(({ pid }) => String(pid));
    const ends = ["wire", "netns", client ?? "", "type", "veth", "peer", "name", "wire", "netns", node ?? ""];
    execFileSync("ip", ["link", "add", ...ends]);
    for (const [at, address] of [CLIENT, NODE].entries()) {
      for (const words of [`address add ${address}/24 dev wire`, "link set wire up", "link set lo up"])
        execFileSync("nsenter", [...rig.#inside(at), "ip", ...words.split(" ")]);
    }
    execFileSync(join(dist, "ckeygen"), [join(rig.directory, "key")]);
    await rig.#startWorker();
    return rig;
  }

  /** Takes the wire away from the node, or gives it back. */
  wire(state: "up" | "down"): void {
    execFileSync("nsenter", [...this.#inside(1), "ip", "link", "set", "wire", state]);
  }

  /** Makes what the node sends slow. */
  slow(rate: string): void {
    const words = `tc qdisc add dev wire root tbf rate ${rate} burst 16kb latency 400ms`;
    execFileSync("nsenter", [...this.#inside(1), ...words.split(" ")]);
  }

  /** Runs a program on the node, from the other machine. */
  run(words: readonly string[]) {
    const tool = [join(dist, "mexecvp"), "--nodes", this.#nodes, "--key", join(this.directory, "key.pub"), ...words];
    return execa("nsenter", [...this.#inside(0), ...tool], {
      cwd: this.directory,
      env: { PATH: process.env["PATH"] ?? "", TMPDIR: this.directory, HOME: this.directory },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
      maxBuffer: 1 << 26,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker?.kill("SIGINT");
    if (this.#worker !== undefined && this.#worker.exitCode === null) await once(this.#worker, "exit");
    for (const holder of this.#holders) holder.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }

  #inside(machine: number): readonly string[] {
    return ["-t", String(this.#holders[machine]?.pid), "--net"];
  }

  /** A process that keeps a namespace. */
  async #hold(): Promise<void> {
    const holder = spawn("unshare", ["--net", "sleep", "1000"], { stdio: "ignore" });
    this.#holders.push(holder);
    const own = readlinkSync("/proc/self/ns/net");
    await expect.poll(() => readlinkSync(`/proc/${String(holder.pid)}/ns/net`), { timeout: 10_000 }).not.toBe(own);
  }

  async #startWorker(): Promise<void> {
    const words = ["--key", join(this.directory, "key"), "--listen", `${NODE}:0`, "--slots", "4", "--allow-root"];
    const worker = spawn(
      "nsenter",
      [...this.#inside(1), join(dist, "mexecd"), ...words, "10.77.0.0", "255.255.255.0"],
      {
        env: { PATH: process.env["PATH"], TMPDIR: this.directory },
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    this.#worker = worker;
    const lines = createInterface({ input: worker.stdout });
    const [line] = (await once(lines, "line")) as [string];
    this.#nodes = `${NODE}:${/:(\d+)$/.exec(line)?.[1] ?? ""}*4`;
  }
}
