/** Machines with nothing but sshd: network namespaces on a bridge of their own, one more behind the first, and one where builds start. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, type TestContext } from "vitest";
import { isRoot } from "./rig.js";

const dist = join(import.meta.dirname, "../../dist");
const SSHD = "/usr/sbin/sshd";
const PORT = 2022;

/** Skips a test that needs machines with sshd, and says why. */
export function needsSshd(context: TestContext): void {
  context.skip(!isRoot, "machines with networks of their own need root");
  context.skip(!existsSync(SSHD) || !existsSync("/usr/bin/ssh"), "openssh-server and openssh-client are not installed");
}

type Machine = "client" | "n1" | "n2" | "n3" | "far";
const NODES = ["n1", "n2", "n3"] as const;
const ADDRESSES = { client: "10.78.0.1", n1: "10.78.0.11", n2: "10.78.0.12", n3: "10.78.0.13" } as const;
/** Between the first node and the one behind it, of which the others know nothing. */
const FAR = { n1: "10.79.0.1", far: "10.79.0.2" } as const;

export interface SshRan {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export class SshRig implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "mpmake-ssh-"));
  readonly tree = join(this.directory, "tree");
  readonly #holders = new Map<string, ChildProcess>();
  readonly #daemons: ChildProcess[] = [];

  /** Makes the machines and waits until each can be logged in to. */
  static async start(): Promise<SshRig> {
    const rig = new SshRig();
    await Promise.all(["switch", "client", ...NODES, "far"].map((name) => rig.#hold(name)));
    rig.#wire();
    rig.#makeKeys();
    for (const name of [...NODES, "far"] as const) rig.#startSshd(name);
    await Promise.all([...NODES, "far"].map((name) => rig.#untilItListens(name)));
    return rig;
  }

  /** Takes a node's wire away, or gives it back. */
  wire(node: (typeof NODES)[number], state: "up" | "down"): void {
    this.#in(node, ["ip", "link", "set", "eth0", state]);
  }

  /** Has ssh know a node by another key than it has. */
  spoilHostKey(node: Machine): void {
    const lines = readFileSync(this.#path("known"), "utf8").split("\n");
    const other = this.#publicKey("id");
    writeFileSync(
      this.#path("known"),
      lines.map((line) => (line.startsWith(`${node} `) ? `${node} ${other}` : line)).join("\n"),
    );
  }

  /** Has a node let nobody in. */
  lockOut(node: Machine): void {
    writeFileSync(this.#path(`${node}.authorized`), "");
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.tree, name), text);
  }

  makeFifo(name: string): string {
    execFileSync("mkfifo", [join(this.tree, name)]);
    return join(this.tree, name);
  }

  /** mpmake on the machine where builds start. */
  start(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    return this.#start([join(dist, "mpmake"), ...words], environment);
  }

  #start(command: readonly string[], environment: Readonly<Record<string, string>>) {
    return execa("nsenter", ["-t", this.#pid("client"), "--net", "--uts", ...command], {
      cwd: this.tree,
      env: {
        ...{ PATH: process.env["PATH"] ?? "", HOME: this.directory, TMPDIR: this.directory, LC_ALL: "C" },
        MPMAKE_SSH: `ssh -F ${this.#path("ssh_config")}`,
        ...environment,
      },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
      stripFinalNewline: false,
      encoding: "latin1",
    });
  }

  make(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<SshRan> {
    return this.run([join(dist, "mpmake"), ...words], environment);
  }

  /** Any program there. */
  async run(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<SshRan> {
    const { exitCode, signal, stdout, stderr } = await this.#start(command, environment);
    return { status: exitCode ?? signal ?? "not started", stdout, stderr };
  }

  /** What runs on the nodes besides sshd itself, as `n1: mexecd …`; what has a place in the tables and nothing else is gone. */
  leftovers(): readonly string[] {
    const own = new Set([...this.#holders.values(), ...this.#daemons].map(({ pid }) => String(pid)));
    const machines = new Map([...NODES, "far"].map((name) => [this.#namespaceOf(this.#pid(name)), name]));
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry) && !own.has(entry))
      .flatMap((pid) => {
        const machine = machines.get(this.#namespaceOf(pid));
        const words = machine === undefined ? "" : commandOf(pid);
        return machine === undefined || words === "" || /^sshd: .*(listener|unknown|net\])/.test(words)
          ? []
          : [`${machine}: ${words}`];
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.#daemons) daemon.kill("SIGTERM");
    await expect
      .poll(() => this.leftovers(), { timeout: 30_000 })
      .toEqual([])
      .catch(() => undefined); // the test has said what it thinks of them
    for (const holder of this.#holders.values()) holder.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.directory, name);
  }

  #pid(machine: string): string {
    return String(this.#holders.get(machine)?.pid);
  }

  #namespaceOf(pid: string): string {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`);
    } catch {
      return ""; // it is gone
    }
  }

  #in(machine: string, words: readonly string[]): void {
    execFileSync("nsenter", ["-t", this.#pid(machine), "--net", "--uts", ...words]);
  }

  /** A process that keeps a machine's namespaces. */
  async #hold(name: string): Promise<void> {
    const holder = spawn("unshare", ["--net", "--uts", "sleep", "1000"], { stdio: "ignore" });
    this.#holders.set(name, holder);
    const own = readlinkSync("/proc/self/ns/net");
    await expect.poll(() => this.#namespaceOf(String(holder.pid)), { timeout: 20_000 }).not.toBe(own);
    this.#in(name, ["hostname", name]);
    this.#in(name, ["ip", "link", "set", "lo", "up"]);
  }

  #wire(): void {
    this.#in("switch", ["ip", "link", "add", "br0", "type", "bridge"]);
    this.#in("switch", ["ip", "link", "set", "br0", "up"]);
    for (const [name, address] of Object.entries(ADDRESSES)) {
      this.#pair({ at: name, device: "eth0", address }, { at: "switch", device: `to-${name}` });
      this.#in("switch", ["ip", "link", "set", `to-${name}`, "master", "br0"]);
    }
    this.#pair({ at: "n1", device: "eth1", address: FAR.n1 }, { at: "far", device: "eth0", address: FAR.far });
  }

  #pair(...ends: readonly { readonly at: string; readonly device: string; readonly address?: string }[]): void {
    const [one, other] = ends.map(({ at, device }) => ["name", device, "netns", this.#pid(at)]);
    execFileSync("ip", ["link", "add", ...(one ?? []), "type", "veth", "peer", ...(other ?? [])]);
    for (const { at, device, address } of ends) {
      if (address !== undefined) this.#in(at, ["ip", "address", "add", `${address}/24`, "dev", device]);
      this.#in(at, ["ip", "link", "set", device, "up"]);
    }
  }

  #makeKeys(): void {
    mkdirSync(this.tree);
    mkdirSync("/run/sshd", { recursive: true });
    chmodSync(this.directory, 0o755);
    for (const name of ["id", ...NODES, "far"])
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", this.#path(name)]);
    const known = [...NODES, "far"].map((name) => `${name} ${this.#publicKey(name)}\n`);
    writeFileSync(this.#path("known"), known.join(""));
    const hosts = { ...ADDRESSES, far: FAR.far };
    const of = (name: keyof typeof hosts): string =>
      `Host ${name}\n  HostName ${hosts[name]}\n  HostKeyAlias ${name}\n`;
    writeFileSync(
      this.#path("ssh_config"),
      `${[...NODES, "far" as const].map(of).join("")}  ProxyJump n1\nHost *\n  Port ${String(PORT)}\n  IdentityFile ${this.#path("id")}\n` +
        `  IdentitiesOnly yes\n  UserKnownHostsFile ${this.#path("known")}\n  StrictHostKeyChecking yes\n  ConnectTimeout 20\n`,
    );
  }

  #publicKey(name: string): string {
    return readFileSync(this.#path(`${name}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  }

  #startSshd(name: Machine): void {
    writeFileSync(this.#path(`${name}.authorized`), readFileSync(this.#path("id.pub")));
    writeFileSync(
      this.#path(`${name}.conf`),
      `Port ${String(PORT)}\nHostKey ${this.#path(name)}\nAuthorizedKeysFile ${this.#path(`${name}.authorized`)}\n` +
        "PermitRootLogin prohibit-password\nUsePAM no\nStrictModes no\nPidFile none\nPasswordAuthentication no\nUseDNS no\n",
    );
    const words = ["-t", this.#pid(name), "--net", "--uts", SSHD, "-D", "-f", this.#path(`${name}.conf`)];
    this.#daemons.push(spawn("nsenter", words, { stdio: "ignore" }));
  }

  async #untilItListens(name: string): Promise<void> {
    const banner = `exec 3<>/dev/tcp/127.0.0.1/${String(PORT)} && read -r line <&3 && [[ $line == SSH-* ]]`;
    const words = ["-t", this.#pid(name), "--net", "bash", "-c", banner];
    const isUp = async (): Promise<boolean> => (await execa("nsenter", words, { reject: false })).exitCode === 0;
    await expect.poll(isUp, { timeout: 30_000 }).toBe(true);
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
  } catch {
    return ""; // it is gone
  }
}
