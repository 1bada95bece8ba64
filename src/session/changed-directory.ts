/** `cd DIRECTORY && PROGRAM …`: what a shell would do with it, known without one. */

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { attempt } from "../os/attempt.js";
import { toPath } from "../os/bytes.js";
import { planCommand } from "../os/command.js";
import { isSameFile } from "../os/same-file.js";
import type { SpawnRequest } from "../os/spawn.js";
import { environmentValue } from "./context.js";

const SHELL = "/bin/sh";
/** A directory's name that means itself, and a command that is looked into further. */
const PATTERN = /^[ \t]*cd[ \t]+([\w./+@%,][\w./+@%,-]*)[ \t]*&&[ \t]*(?=\S)/;

/**
 * The call that the shell of such a line would end in.
 *
 * @returns undefined when it is another line, or only the shell can tell: the directory may not be entered, or the shell is not dash
 */
export function changedDirectory(request: SpawnRequest): SpawnRequest | undefined {
  const [shell, flag, text, ...rest] = request.argv;
  if (shell !== SHELL || request.program !== SHELL || flag !== "-c" || text === undefined || rest.length > 0)
    return undefined;
  const [start, name] = PATTERN.exec(text) ?? [];
  if (start === undefined || name === undefined || !isDash()) return undefined;
  const { environment, directory } = request;
  if (environmentValue(environment, "CDPATH") !== undefined && !/^\.{0,2}\//.test(name)) return undefined;
  const command = planCommand({ text: text.slice(start.length), shell: SHELL, shellFlags: "-c", environment });
  if (command.kind === "nothing" || command.argv[0] === SHELL) return undefined;
  const before = workingDirectory(environment, directory);
  const after = follow(before, name);
  const physical = attempt(() => enter(after));
  if (physical === undefined) return undefined;
  const [program, ...words] = command.argv;
  return {
    ...request,
    program,
    argv: [program, ...words],
    directory: physical,
    environment: [
      ...environment.filter((entry) => !entry.startsWith("PWD=") && !entry.startsWith("OLDPWD=")),
      `OLDPWD=${before}`,
      `PWD=${after}`,
    ],
  };
}

let isDashHere: boolean | undefined;

/** Others export less, or more. */
function isDash(): boolean {
  return (isDashHere ??= attempt(() => realpathSync(SHELL))?.endsWith("/dash") === true);
}

/** PWD where that is this directory by another way, as the shell has it. */
function workingDirectory(environment: readonly string[], directory: string): string {
  const pwd = environmentValue(environment, "PWD");
  if (pwd?.startsWith("/") !== true) return directory;
  return attempt(() => isSameFile(statSync(toPath(pwd)), statSync(toPath(directory)))) === true ? pwd : directory;
}

/** `..` is taken off the name, not looked up. */
function follow(from: string, name: string): string {
  const parts = name.startsWith("/") ? [] : from.split("/").filter(Boolean);
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** @throws ErrnoException when it may not be entered */
function enter(path: string): string | undefined {
  if (!statSync(toPath(path)).isDirectory()) return undefined;
  accessSync(toPath(path), constants.X_OK);
  return realpathSync(toPath(path), "latin1");
}
