/** Expansion before there is any makefile: what MAKEFLAGS in the environment refers to. */

import { Language } from "../makefile/language.js";
import { RuleBook } from "../rules/rule-book.js";
import { Console } from "../observe/console.js";
import type { InvocationContext } from "./context.js";
import { openMachine, openSpawner } from "./machine.js";
import { findTemporaryDirectory } from "./temporary-directory.js";

/** `value` expanded with the environment's variables alone. */
export function expandAlone(value: string, context: InvocationContext): string {
  if (!value.includes("$")) return value;
  const { directory, environment } = context;
  const temporary = findTemporaryDirectory(environment, directory);
  const silent = new Console({
    program: "",
    directory: context.directory,
    sink: { write: () => undefined },
    tellsDirectory: () => false,
    debugLevels: () => new Set(),
    directoryPrefix: () => "",
  });
  const temporaryDirectory = temporary.path;
  const spawner = openSpawner(context, temporaryDirectory);
  const { host } = openMachine({ context, directory, spawner, temporaryDirectory, console: silent });
  const warn = (): void => undefined; // the makefiles' own reading says the same again
  const language = new Language({
    host,
    rules: new RuleBook({ host, warn }),
    warn,
    special: { makeflagsAssigned: () => undefined },
    options: {
      warnUndefined: false,
      environmentOverrides: false,
      noBuiltinVariables: true,
      noBuiltinRules: true,
      includeDirectories: [],
    },
  });
  language.defineEnvironment(context.environment);
  return language.expand(value, language.globalScope, undefined);
}
