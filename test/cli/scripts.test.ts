/** Each test/cli/*.txt: files, then commands with what they print and how they end; see test/cli/README.md. */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.join(import.meta.dirname, "..", "..");

interface Script {
  readonly files: ReadonlyMap<string, string>;
  readonly commands: readonly string[];
}

function parse(text: string): Script {
  const files = new Map<string, string>();
  const commands: string[] = [];
  let file: string | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("== ")) file = line.slice("== ".length);
    else if (line.startsWith("$ ")) {
      file = undefined;
      commands.push(line.slice("$ ".length));
    } else if (file !== undefined) files.set(file, `${files.get(file) ?? ""}${line}\n`);
  }
  return { files, commands };
}

/** Runs all commands and writes down what a user would see. */
function transcript(text: string, root: string): string {
  const { files, commands } = parse(text);
  const directory = path.join(root, "work");
  fs.mkdirSync(directory);
  for (const [name, content] of files) fs.writeFileSync(path.join(directory, name), content);
  const head = text.slice(0, text.indexOf("$ "));
  return head + commands.map((command) => `$ ${command}\n${run(command, root, directory)}`).join("");
}

/** Output goes to a file, as it does in a user's `make >log`: a pipe of Node's would be a socket. */
function run(command: string, root: string, directory: string): string {
  const log = path.join(root, "log");
  const fd = fs.openSync(log, "w");
  const env = { PATH: `${ROOT}/dist:${process.env["PATH"] ?? ""}`, HOME: root, LC_ALL: "C" };
  const stdio = ["ignore", fd, fd] as const;
  const { status, signal } = spawnSync("/bin/sh", ["-c", command], { cwd: directory, env, stdio: [...stdio] });
  fs.closeSync(fd);
  const text = fs.readFileSync(log, "utf8");
  const output = text.replaceAll(fs.realpathSync(directory), "{DIR}").replaceAll(`${ROOT}/dist/`, "{BIN}/");
  const end = signal === null ? `exit ${String(status)}` : `killed by ${signal}`;
  return `${output}${output === "" || output.endsWith("\n") ? "" : "\n"}[${end}]\n`;
}

const scripts = fs.readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));

test.each(scripts)("%s", (name) => {
  const text = fs.readFileSync(path.join(import.meta.dirname, name), "utf8");
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "mpmake-cli-"));
  try {
    const actual = transcript(text, directory);
    if (process.env["MPMAKE_RECORD"] === "1") fs.writeFileSync(path.join(import.meta.dirname, name), actual);
    expect(actual).toBe(text);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
});
