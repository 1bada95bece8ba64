/** Finding and reading makefiles: include directories, missing ones, the list of all that were read. */

import { MakefileError } from "../base/location.js";
import { parseFileNames } from "./file-name-list.js";
import { HostError, type Host } from "./host.js";
import type { MakefileOrigin, MakefileRead } from "./makefile-read.js";
import { readSource, type IncludeOptions, type ReadingContext } from "./reader.js";
import { sourceOfFile } from "./source.js";

export interface MakefileReaderOptions {
  readonly host: Host;
  readonly options: { readonly includeDirectories: readonly string[] };
  readonly context: ReadingContext;
}

/** A makefile that includes itself would go on for ever: descriptors would run out about here. */
const DEEPEST_INCLUDE = 500;

const NOT_FOUND = "No such file or directory";

interface FoundFile {
  readonly name: string;
  readonly text: string;
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
  include(names: string, given: IncludeOptions): void {
    const list = { host: this.#options.host, expandGlobs: true, stripDotSlash: true, waits: false };
    for (const { name } of parseFileNames(names, list)) this.read(name, { from: "include", ...given });
  }

  /** Reads one makefile. One that is missing is noted, not refused: a rule may make it. */
  read(
    name: string,
    given: { readonly from: MakefileOrigin; readonly optional?: boolean } & Partial<IncludeOptions>,
  ): MakefileRead {
    const { from, optional = false, location } = given;
    const found = this.#find(name, from);
    const read: MakefileRead = {
      name: typeof found === "string" ? name : found.name,
      from,
      optional,
      found: typeof found !== "string",
      error: typeof found === "string" ? found : undefined,
      location,
    };
    this.makefiles.push(read);
    if (typeof found !== "string") this.#carryOut(found, given);
    return read;
  }

  /** The file, or why there is none. */
  #find(name: string, from: MakefileOrigin): FoundFile | string {
    const direct = this.#readFile(name);
    if (typeof direct === "object") return direct;
    const searches = (from === "include" || from === "MAKEFILES") && !name.startsWith("/");
    if (!searches) return direct;
    for (const directory of this.#options.options.includeDirectories) {
      const found = this.#readFile(`${directory}/${name}`);
      if (typeof found === "object") return found;
    }
    return direct;
  }

  #readFile(name: string): FoundFile | string {
    try {
      const text = this.#options.host.readFile(name);
      return text === undefined ? NOT_FOUND : { name, text };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.errno === "EISDIR") throw new MakefileError(undefined, `${name}: ${error.message}`, { cause: error });
      return error.message;
    }
  }

  #carryOut({ name, text }: FoundFile, given: { readonly from: MakefileOrigin } & Partial<IncludeOptions>): void {
    const { location } = given;
    if (this.#depth >= DEEPEST_INCLUDE) throw new MakefileError(location, `${name}: Too many open files`);
    const { context } = this.#options;
    const { store } = context;
    const list = store.global.own("MAKEFILE_LIST")?.value ?? "";
    store.define("MAKEFILE_LIST", list === "" ? name : `${list} ${name}`, { origin: "file", recursive: false });
    this.#depth++;
    if (given.from === "MAKEFILES") this.#withoutGoals++;
    readSource(sourceOfFile(text), { file: name, scope: given.scope ?? store.global }, context);
    if (given.from === "MAKEFILES") this.#withoutGoals--;
    this.#depth--;
  }
}
