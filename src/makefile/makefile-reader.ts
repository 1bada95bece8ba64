/** Finding and reading makefiles: include directories, missing ones, the list of all that were read. */

import { MakefileError } from "../base/location.js";
import { parseFileNames } from "./file-name-list.js";
import { HostError, type Host } from "./host.js";
import type { MakefileOrigin, MakefileRead } from "./makefile-read.js";
import { dropNuls } from "./nul.js";
import { readSource, type IncludeOptions, type ReadingContext } from "./reader.js";
import { sourceOfFile } from "./source.js";
import type { FileWait, Waiting } from "./waits.js";

export interface MakefileReaderOptions {
  readonly host: Host;
  readonly options: { readonly includeDirectories: readonly string[] };
  readonly context: ReadingContext;
  /** Hears what `-d` says of each makefile. */
  readonly debug: ((text: string) => void) | undefined;
}

/** A makefile that includes itself would go on for ever: descriptors would run out about here. */
const DEEPEST_INCLUDE = 500;

/** How one makefile is read. */
interface Reading extends Partial<Omit<IncludeOptions, "waits">>, Pick<IncludeOptions, "waits"> {
  readonly from: MakefileOrigin;
}

const NOT_FOUND = "No such file or directory";

interface FoundFile {
  readonly name: string;
  readonly text: string;
}

interface MissingFile {
  readonly name: string;
  /** In the system's words. */
  readonly error: string;
}

export class MakefileReader {
  readonly makefiles: MakefileRead[] = [];
  readonly #options: MakefileReaderOptions;
  #depth = 0;
  /** How many files of MAKEFILES are being read: their rules are no default goals. */
  #withoutGoals = 0;

  constructor(options: MakefileReaderOptions) {
    this.#options = options;
  }

  /** Whether the rules read now may be the default goal. */
  get takesGoals(): boolean {
    return this.#withoutGoals === 0;
  }

  /** An `include` line's files. */
  *include(names: string, given: IncludeOptions): Waiting<void> {
    const list = { host: this.#options.host, expandGlobs: true, stripDotSlash: true, waits: false };
    for (const { name } of parseFileNames(names, list)) yield* this.read(name, { from: "include", ...given });
  }

  /** Reads one makefile. One that is missing is noted, not refused: a rule may make it. */
  *read(name: string, given: Reading): Waiting<MakefileRead> {
    const { from, optional = false, location } = given;
    this.#options.debug?.(`Reading makefile '${name}'${this.#manner(from, optional)}...`);
    const found = yield* this.#find(name, given);
    const read: MakefileRead = {
      name: found.name,
      from,
      optional,
      found: "text" in found,
      error: "text" in found ? undefined : found.error,
      location,
    };
    this.makefiles.push(read);
    // Messages name it as it was asked for, without the directory in which it was found.
    if ("text" in found) yield* this.#carryOut(found, { ...given, name });
    return read;
  }

  #manner(from: MakefileOrigin, optional: boolean): string {
    const included = from === "include";
    const noGoal = from === "MAKEFILES" || !this.takesGoals ? " (no default goal)" : "";
    const search = included || from === "MAKEFILES" ? " (search path)" : "";
    return `${noGoal}${search}${optional ? " (don't care)" : ""}${included ? " (no ~ expansion)" : ""}`;
  }

  /** The file, or why there is none. One that is there but cannot be read ends the search. */
  *#find(name: string, { from, waits }: Reading): Waiting<FoundFile | MissingFile> {
    const direct = yield* this.#readFile(name, waits);
    const searches = (from === "include" || from === "MAKEFILES") && !name.startsWith("/");
    if (!searches || !isMissing(direct)) return direct;
    for (const directory of this.#options.options.includeDirectories) {
      const found = yield* this.#readFile(`${directory}/${name}`, waits);
      if (!isMissing(found)) return found;
    }
    return direct;
  }

  *#readFile(name: string, waits: Reading["waits"]): Waiting<FoundFile | MissingFile> {
    try {
      const text = waits === undefined ? this.#options.host.readFile(name) : yield* awaitedFile(name);
      return text === undefined ? { name, error: NOT_FOUND } : { name, text };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.errno === "EISDIR") throw new MakefileError(undefined, `${name}: ${error.message}`, { cause: error });
      return { name, error: error.message };
    }
  }

  *#carryOut({ name: path, text }: FoundFile, given: Reading & { readonly name: string }): Waiting<void> {
    const { location, name, waits } = given;
    if (this.#depth >= DEEPEST_INCLUDE) throw new MakefileError(location, `${path}: Too many open files`);
    const { context } = this.#options;
    const { store } = context;
    const list = store.global.own("MAKEFILE_LIST")?.value ?? "";
    store.define("MAKEFILE_LIST", list === "" ? path : `${list} ${path}`, { origin: "file", recursive: false });
    this.#depth++;
    if (given.from === "MAKEFILES") this.#withoutGoals++;
    const plain = dropNuls(text, (line) => {
      context.evaluator.warn({ file: name, line }, "warning: NUL character seen; rest of line ignored");
    });
    yield* readSource(sourceOfFile(plain), { file: name, scope: given.scope ?? store.global, waits }, context);
    if (given.from === "MAKEFILES") this.#withoutGoals--;
    this.#depth--;
  }
}

function* awaitedFile(path: string): Waiting<string | undefined> {
  const wait: FileWait = { kind: "file", path, read: undefined };
  do yield wait;
  while (wait.read === undefined);
  return wait.read();
}

function isMissing(file: FoundFile | MissingFile): file is MissingFile {
  return "error" in file && file.error === NOT_FOUND;
}
