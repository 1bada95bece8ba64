/** Reads makefiles with the language alone, and says what make would: a session in small. */

import { formatLocation, MakefileError } from "../../src/base/location.js";
import type { Host } from "../../src/makefile/host.js";
import { Language } from "../../src/makefile/language.js";
import { inOneGo } from "../../src/makefile/waits.js";
import { KeepingSink } from "./sink.js";

export interface ReadMakefileOptions {
  readonly host: Host;
  /** Everything that make would print: stdout and stderr in one stream. */
  readonly print: (text: string) => void;
  /** Command-line assignments. */
  readonly assignments?: readonly string[];
  readonly environment?: readonly string[];
  readonly file?: string;
  readonly warnUndefined?: boolean;
  readonly environmentOverrides?: boolean;
  /** Prints the recipes of the default goal, as `make -n` does. */
  readonly justPrint?: boolean;
}

export interface ReadMakefileResult {
  readonly language: Language;
  readonly sink: KeepingSink;
  readonly status: 0 | 2;
}

/** Reads `Makefile` and, if asked, prints the default goal's recipes. */
export function readMakefile(options: ReadMakefileOptions): ReadMakefileResult {
  const { host, print } = options;
  const sink = new KeepingSink();
  const language = new Language({
    host,
    rules: sink,
    warn: (at, text) => {
      print(`${at === undefined ? "make" : formatLocation(at)}: ${text}\n`);
    },
    special: { makeflagsAssigned: () => undefined },
    options: {
      warnUndefined: options.warnUndefined ?? false,
      environmentOverrides: options.environmentOverrides ?? false,
      noBuiltinVariables: false,
      noBuiltinRules: false,
      includeDirectories: [],
    },
  });
  try {
    prepare(language, options);
    inOneGo(language.read(options.file ?? "Makefile", { from: "default" }));
    language.finish();
    if (options.justPrint === true) {
      const goal = language.defaultGoal();
      if (goal !== undefined) {
        const expander = {
          host,
          get globalScope() {
            return language.globalScope;
          },
          targetScope: language.targetScope.bind(language),
          hasOwnVariables: language.hasOwnVariables.bind(language),
          expand: language.expand.bind(language),
          valueOf: language.valueOf.bind(language),
          isDefault: language.isDefault.bind(language),
          rawValueOf: language.rawValueOf.bind(language),
          environment: language.environment.bind(language),
          inSteps: language.inSteps.bind(language),
          once: language.once.bind(language),
        };
        print(sink.justPrint(goal, expander));
      }
    }
    return { language, sink, status: 0 };
  } catch (error) {
    if (!(error instanceof MakefileError)) throw error;
    print(`${error.location === undefined ? "make" : formatLocation(error.location)}: *** ${error.message}.  Stop.\n`);
    return { language, sink, status: 2 };
  }
}

function prepare(language: Language, options: ReadMakefileOptions): void {
  language.defineBuiltinVariables();
  language.defineEnvironment(options.environment ?? []);
  const file = { origin: "file", flavor: "simple" } as const;
  language.define("CURDIR", options.host.directory, file);
  language.define("MAKELEVEL", "0", { origin: "environment", flavor: "simple", exported: "export" });
  language.define("MAKEFLAGS", options.justPrint === true ? "n" : "", {
    ...file,
    flavor: "recursive",
    exported: "export",
  });
  language.define("MAKE_COMMAND", "make", { origin: "default", flavor: "simple" });
  language.define("MAKE", "$(MAKE_COMMAND)", { origin: "default", flavor: "recursive" });
  for (const word of options.assignments ?? []) language.assignFromCommandLine(word);
}
