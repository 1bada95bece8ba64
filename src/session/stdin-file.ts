/** `-f -`: standard input as a makefile, kept in a file while make may have to read it again. */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { MakefileError } from "../base/location.js";
import { temporaryName } from "../os/temporary.js";

export class StdinFile {
  readonly #fd: number;
  readonly #temporaryDirectory: string;
  #path: string | undefined;

  constructor(fd: number, temporaryDirectory: string) {
    this.#fd = fd;
    this.#temporaryDirectory = temporaryDirectory;
  }

  /** The file's name; the first call reads standard input to its end. */
  readonly path = (): string => {
    if (this.#path !== undefined) return this.#path;
    const path = temporaryName(this.#temporaryDirectory, "Gm");
    try {
      writeFileSync(path, readFileSync(this.#fd), { flag: "wx", mode: 0o600 });
    } catch (cause) {
      throw new MakefileError(undefined, "cannot store makefile from stdin to a temporary file", { cause });
    }
    this.#path = path;
    return path;
  };

  /** Removes the file. */
  close(): void {
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }
}
