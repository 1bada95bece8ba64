/** The cexec tools as they are in dist/, with keys and a group of their own: multicast that never leaves this machine. */

import { join } from "node:path";
import { execa, type Options } from "execa";
import { expect, vi } from "vitest";
import { temporaryDirectory } from "../rig/temporary.js";
import { anyGroup } from "./rig.js";

const dist = join(import.meta.dirname, "../../dist");

/** A key pair and a group of their own, and the tools that were started with them. */
export class GroupRig implements AsyncDisposable {
  readonly directory: string;
  readonly group = anyGroup();
  readonly #started: (Promise<unknown> & { kill(signal: "SIGINT"): boolean })[] = [];

  /** @param directory - where all happens; the running test's own unless given */
  constructor(directory = temporaryDirectory()) {
    this.directory = directory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#started) one.kill("SIGINT");
    await Promise.allSettled(this.#started);
  }

  async keys(name = "app"): Promise<void> {
    await execa(join(dist, "ckeygen"), [name], { cwd: this.directory });
  }

  /** Starts a tool that says when it listens. */
  async start(tool: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const child = this.run(tool, words, { env: { GROUP: this.group, ...environment } });
    this.#started.push(child);
    const lines = { stdout: "", stderr: "" };
    child.stdout.on("data", (bytes: Buffer) => (lines.stdout += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (lines.stderr += bytes.toString()));
    if (tool !== "crat") await vi.waitFor(() => expect(lines.stdout).toContain("listening"), 20_000);
    return { child, lines };
  }

  service(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    return this.start("cservice", ["--name", "w", "app", ...words], environment);
  }

  cexec(words: readonly string[], options: Options = {}) {
    const env = { GROUP: this.group, CEXEC_TIMEOUT_ACCEPT: "20", ...options.env };
    return this.run("cexec", ["app.pub", ...words], { ...options, env });
  }

  run(tool: string, words: readonly string[], options: Options) {
    return execa(join(dist, tool), words, {
      ...options,
      cwd: this.directory,
      reject: false,
      buffer: true,
      encoding: "utf8",
      stdout: "pipe",
      stderr: "pipe",
    });
  }
}
