/** Where else files are looked for: `vpath`, `VPATH`, `GPATH`, and the directories of `-lNAME`. */

import { matches, parsePattern, type Pattern } from "../makefile/pattern.js";
import { wordsOf } from "../makefile/words.js";

/** Where GNU make looks for libraries that no search path holds. */
const LIBRARY_DIRECTORIES = ["/lib", "/usr/lib", "/usr/local/lib"];

interface PathEntry {
  readonly text: string;
  readonly pattern: Pattern;
  readonly directories: string[];
}

/** Whether a file exists or can be made. */
export type Exists = (path: string) => boolean;

export interface LibraryExists {
  readonly isFile: Exists;
  readonly exists: Exists;
  /** A word of `.LIBPATTERNS` has no `%`. */
  readonly noPattern: (word: string) => void;
}

/** The search paths of a build. */
export class SearchPath {
  #selective: PathEntry[] = [];
  #general: readonly string[] = [];
  #kept: ReadonlySet<string> = new Set();

  /** `vpath PATTERN DIRECTORIES`; without directories the pattern is forgotten, without a pattern all are. */
  add(pattern: string | undefined, directories: readonly string[]): void {
    if (pattern === undefined) this.#selective = [];
    else if (directories.length === 0) this.#selective = this.#selective.filter((entry) => entry.text !== pattern);
    else
      this.#selective.push({
        text: pattern,
        pattern: parsePattern(pattern),
        directories: directories.map(withoutSlash),
      });
  }

  /** The values of `VPATH` and `GPATH`, once the makefiles are read. */
  setVariables(vpath: string, gpath: string): void {
    this.#general = splitPath(vpath).map(withoutSlash);
    this.#kept = new Set(splitPath(gpath).map(withoutSlash));
  }

  /** Whether no path is set, so that `find` never finds anything. */
  get isEmpty(): boolean {
    return this.#selective.length === 0 && this.#general.length === 0;
  }

  /** `vpath` entries, in order, as `-p` shows them. */
  get selective(): readonly { readonly text: string; readonly directories: readonly string[] }[] {
    return this.#selective;
  }

  get general(): readonly string[] {
    return this.#general;
  }

  /** The first place of a path at which the file exists; undefined when none, or the name is absolute. */
  find(name: string, exists: Exists): string | undefined {
    if (this.isEmpty || name.startsWith("/")) return undefined;
    return this.#place(name, exists)?.path;
  }

  /** Whether a target found in that directory keeps the place when it is remade (`GPATH`). */
  keeps(found: string, name: string): boolean {
    return this.#kept.has(found.slice(0, found.length - name.length - 1));
  }

  /**
   * The file of `-lNAME` by `.LIBPATTERNS`: here by any pattern; else the one found first on the paths, where it may also
   * be one that can be made; else in the system's directories.
   */
  findLibrary(name: string, libraryPatterns: string, { isFile, exists, noPattern }: LibraryExists): string | undefined {
    const library = name.slice(2);
    let best: Place | undefined;
    for (const word of wordsOf(libraryPatterns)) {
      const percent = word.indexOf("%");
      if (percent < 0) {
        noPattern(word);
        continue;
      }
      const file = word.slice(0, percent) + library + word.slice(percent + 1);
      if (isFile(file)) return file;
      const found = this.#place(file, exists) ?? systemPlace(file, isFile);
      if (found !== undefined && (best === undefined || found.rank < best.rank)) best = found;
    }
    return best?.path;
  }

  #place(name: string, exists: Exists): Place | undefined {
    for (const { directory, rank } of this.#directoriesFor(name)) {
      const path = `${directory}/${name}`;
      if (exists(path)) return { path, rank };
    }
    return undefined;
  }

  *#directoriesFor(name: string): IterableIterator<{ readonly directory: string; readonly rank: number }> {
    let rank = 0;
    for (const { pattern, directories } of this.#selective) {
      const isForIt = matches(pattern, name);
      for (const directory of directories) {
        if (isForIt) yield { directory, rank };
        rank++;
      }
    }
    for (const directory of this.#general) yield { directory, rank: rank++ };
  }
}

/** A file on a search path; of several the one with the lowest rank counts. */
interface Place {
  readonly path: string;
  readonly rank: number;
}

function systemPlace(file: string, isFile: Exists): Place | undefined {
  const path = LIBRARY_DIRECTORIES.map((directory) => `${directory}/${file}`).find(isFile);
  return path === undefined ? undefined : { path, rank: Infinity };
}

/** Directories of a path variable are parted by colons or blanks. */
function splitPath(text: string): string[] {
  return wordsOf(text.replaceAll(":", " "));
}

function withoutSlash(directory: string): string {
  return directory.length > 1 && directory.endsWith("/") ? directory.slice(0, -1) : directory;
}
