/** A tree of makefiles in a directory of its own, and dist/mpmake run in it. */

import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach } from "vitest";

export const mpmake = join(import.meta.dirname, "../../dist/mpmake");

export interface TreeRun {
  readonly words?: readonly string[];
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A new tree for each test of a file, gone when the test has ended. */
export function treeOfEachTest(): { readonly now: MakeTree } {
  let tree: MakeTree | undefined;
  beforeEach(() => {
    tree = new MakeTree();
  });
  afterEach(() => tree?.remove());
  return {
    get now() {
      if (tree === undefined) throw new Error("no test is running");
      return tree;
    },
  };
}

export class MakeTree {
  readonly #top = realpathSync(mkdtempSync(join(tmpdir(), "mpmake-tree-")));
  readonly directory = join(this.#top, "tree");
  readonly #temporary = join(this.#top, "tmp");

  constructor() {
    mkdirSync(this.directory);
    mkdirSync(this.#temporary);
  }

  lay(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.directory, name)), { recursive: true });
      writeFileSync(join(this.directory, name), text);
    }
  }

  /** @param session - the value of MPMAKE_SESSION */
  async run(session: string, { words = [], input = "", environment = {} }: TreeRun = {}) {
    // One descriptor for both outputs, whose order counts.
    const { stdout, exitCode, signal } = await execa("sh", ["-c", 'exec "$0" "$@" 2>&1', mpmake, ...words], {
      ...{ cwd: this.directory, input, reject: false, stripFinalNewline: false },
      env: { MPMAKE_SESSION: session, MAKEFLAGS: "", MAKELEVEL: "", TMPDIR: this.#temporary, ...environment },
    });
    return { all: stdout.replaceAll(/GMfifo[\w-]+/g, "GMfifo"), exitCode, signal };
  }

  /** A make in a session of its own, away from any terminal. */
  start(session: string, words: readonly string[]) {
    return execa(mpmake, words, {
      ...{ cwd: this.directory, all: true, reject: false, detached: true },
      env: { MPMAKE_SESSION: session, MAKEFLAGS: "", MAKELEVEL: "", TMPDIR: this.#temporary },
    });
  }

  makeFifo(name: string): void {
    execFileSync("mkfifo", [join(this.directory, name)]);
  }

  link(name: string, to: string): void {
    symlinkSync(to, join(this.directory, name));
  }

  /** What makes have left where their short-lived files go. */
  temporaries(): readonly string[] {
    return readdirSync(this.#temporary);
  }

  names(): readonly string[] {
    return readdirSync(this.directory).sort();
  }

  /** What recipes have left there, a number a line; none before they have. */
  numbersIn(name: string): readonly number[] {
    if (!this.names().includes(name)) return [];
    return readFileSync(join(this.directory, name), "latin1").split("\n").filter(Boolean).map(Number);
  }

  clear(): void {
    for (const name of this.names()) rmSync(join(this.directory, name), { recursive: true, force: true });
  }

  remove(): void {
    rmSync(this.#top, { recursive: true, force: true });
  }
}
