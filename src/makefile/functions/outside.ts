/** Functions that look at or change the system: shell, wildcard, realpath, abspath, file. */

import { MakefileError } from "../../base/location.js";
import { endOfWord, skipSpace, trimSpace } from "../chars.js";
import { expandWildcard } from "../file-name-list.js";
import { foldNewlines } from "../fold-newlines.js";
import { HostError } from "../host.js";
import type { BuiltinFunction, FunctionCall } from "../model.js";
import { beforeNul } from "../nul.js";
import { mapWords } from "../words.js";

export const OUTSIDE_FUNCTIONS: readonly BuiltinFunction[] = [
  {
    name: "shell",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([script = ""], { language, scope }) => foldNewlines(language.runShell(script, scope)),
  },
  {
    name: "wildcard",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([patterns = ""], { language }) => expandWildcard(patterns, language.host),
  },
  {
    name: "realpath",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([names = ""], { language }) => mapWords(names, (name) => language.host.realpath(name)),
  },
  {
    name: "abspath",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([names = ""], { language }) => mapWords(names, (name) => absolutePath(name, language.host.directory)),
  },
  { name: "file", minimum: 1, maximum: 2, kind: "call", run: file },
];

/** The name made absolute, with its `.`, `..` and doubled slashes resolved as text. */
function absolutePath(name: string, directory: string): string {
  const parts: string[] = [];
  for (const part of (name.startsWith("/") ? name : `${directory}/${name}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return "/" + parts.join("/");
}

function file(args: readonly string[], call: FunctionCall): string {
  const operation = trimSpace(args[0] ?? "");
  if (operation.startsWith("<")) return readInto(operation.slice(1), args, call);
  const append = operation.startsWith(">>");
  if (!append && !operation.startsWith(">")) call.language.fail(`file: invalid file operation: ${operation}`);
  const name = requireName(operation.slice(append ? 2 : 1), call);
  const text = args[1];
  const line = text === undefined || text.endsWith("\n") ? (text ?? "") : text + "\n";
  orFail("open", name, call, () => {
    call.language.host.writeFile(name, line, append ? "append" : "truncate");
  });
  return "";
}

function readInto(rest: string, args: readonly string[], call: FunctionCall): string {
  const name = requireName(rest, call);
  if (args.length > 1) call.language.fail("file: too many arguments");
  const text = orFail("read", name, call, () => call.language.host.readFile(name)) ?? "";
  return beforeNul(text.endsWith("\n") ? text.slice(0, -1) : text);
}

function requireName(rest: string, call: FunctionCall): string {
  const start = skipSpace(rest, 0);
  const name = rest.slice(start, endOfWord(rest, start));
  if (name === "") call.language.fail("file: missing filename");
  return name;
}

function orFail<T>(action: "open" | "read", name: string, call: FunctionCall, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new MakefileError(call.language.location, `${action}: ${name}: ${error.message}`, { cause: error });
  }
}
