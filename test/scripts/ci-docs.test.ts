/** The examples of docs/ci.md do what they say, each with a worker of this machine in the place of its nodes. */

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { Rig, tool } from "../cluster/rig.js";
import { ActionRunner, readAction } from "../rig/action-runner.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const text = readFileSync(join(import.meta.dirname, "../../docs/ci.md"), "utf8");
const [github = "", gitlab = ""] = Array.from(text.matchAll(/```yaml\n([^]*?)```/g), ([, block]) => block ?? "");
const [, jenkins = ""] = /```groovy\n([^]*?)```/.exec(text) ?? [];

/** Two machines' slots are those of one worker here. */
const NODES = "n01:7070*8,n02:7070*8";

describe("docs/ci.md", () => {
  let rig: Rig;
  let nodes: string;
  /** What the report calls the worker. */
  let node: string;

  beforeAll(async () => {
    rig = new Rig();
    const started = await rig.startWorkers({ count: 1, slots: 4 });
    nodes = started.nodes;
    node = `127.0.0.1:${String(started.workers[0]?.port ?? 0)}`;
    const makefile =
      "all: x.o\ncheck: all; @echo checked; test -n '$(CFLAGS)' && echo '$(CFLAGS)' >flags || :\nx.o: ; @echo made >$@\n";
    writeFileSync(join(rig.tree, "Makefile"), `${makefile}.PHONY: all check\n`);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  /** A key as a CI service leaves it: for everyone to read. */
  function keyFile(name: string): string {
    const path = join(rig.directory, name);
    copyFileSync(`${rig.key}.pub`, path);
    chmodSync(path, 0o644);
    return path;
  }

  /** As the agents of these services run a script. */
  function runScript(shell: readonly string[], script: string, environment: Readonly<Record<string, string>>) {
    return execa(shell[0] ?? "sh", [...shell.slice(1), script], {
      cwd: rig.tree,
      env: {
        PATH: `${dirname(tool("mpmake"))}:${rig.path}`,
        HOME: rig.directory,
        TMPDIR: rig.directory,
        NODES: nodes,
        ...environment,
      },
      extendEnv: false,
      reject: false,
      all: true,
      stdin: "ignore",
    });
  }

  function reportOf(file: string): unknown {
    return JSON.parse(readFileSync(file, "utf8"));
  }

  function clean(): void {
    execFileSync("rm", ["-rf", "x.o", "flags", ".mpmake"], { cwd: rig.tree });
  }

  test("GitHub", async () => {
    clean();
    const { jobs } = parse(github) as {
      jobs: { build: { steps: readonly { id?: string; with: Record<string, string> }[] } };
    };
    const step = jobs.build.steps.find(({ id }) => id === "mpmake");
    const inputs = step?.with ?? {};
    expect(Object.keys(readAction().inputs)).toEqual(expect.arrayContaining(Object.keys(inputs)));
    expect(inputs["nodes"]).toBe(NODES);
    expect(inputs["key"]).toBe("${{ secrets.MPMAKE_KEY }}");
    const temporary = join(rig.directory, "runner");
    mkdirSync(temporary);
    const { statuses, outputs, log } = await new ActionRunner(rig.tree, temporary).run({
      inputs: { ...inputs, nodes, key: readFileSync(`${rig.key}.pub`, "utf8"), mpmake: tool("mpmake") },
    });
    expect(statuses).toEqual({ "Find mpmake": 0, Prepare: 0, Build: 0, "Sum up": 0 });
    expect(log.groups).toEqual([{ title: ".", lines: ["checked"] }]);
    expect(readFileSync(join(rig.tree, "flags"), "utf8")).toBe("-O2 -g\n");
    expect(reportOf(outputs["report"] ?? "")).toMatchObject({ jobs: 16, status: 0, recipes: { [node]: 2 } });
    expect(existsSync(join(rig.tree, ".mpmake/history"))).toBe(true);
  });

  test("GitLab", async () => {
    clean();
    const { build } = parse(gitlab) as {
      build: {
        variables: Record<string, string>;
        script: string[];
        after_script: string[];
        artifacts: { paths: string[] };
      };
    };
    expect(build.variables["NODES"]).toBe(NODES);
    const key = keyFile("gitlab-key");
    const environment = { MPMAKE_KEY: key, GITLAB_CI: "true", CI_PROJECT_DIR: rig.tree };
    const made = await runScript(["bash", "-eo", "pipefail", "-c"], build.script.join("\n"), environment);
    expect(made.exitCode).toBe(0);
    expect(made.all).toMatch(/^section_start:\d+:mpmake_\w+_1\[collapsed=true\]\r\x1b\[0K\.\nchecked\nsection_end:/);
    expect(reportOf(join(rig.tree, build.artifacts.paths[0] ?? ""))).toMatchObject({
      status: 0,
      recipes: { [node]: 2 },
    });
    await runScript(["sh", "-c"], build.after_script.join("\n"), environment);
    expect(existsSync(key)).toBe(false);
  });

  test("Jenkins", async () => {
    clean();
    const [, script = ""] = /\n\s*sh '(.*)'\n/.exec(jenkins) ?? [];
    expect(jenkins).toContain(`environment { NODES = '${NODES}' }`);
    const made = await runScript(["sh", "-e", "-c"], script, { MPMAKE_KEY: keyFile("jenkins-key") });
    expect([made.exitCode, made.all]).toEqual([0, "checked"]);
    const [, kept = ""] = /archiveArtifacts artifacts: '([^']*)'/.exec(jenkins) ?? [];
    const files = kept.split(", ").map((name) => join(rig.tree, name));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(reportOf(files[0] ?? "")).toMatchObject({ status: 0, recipes: { [node]: 2 } });
  });
});
