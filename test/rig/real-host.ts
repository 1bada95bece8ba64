/** A Host on this machine's files and shell, for tests that compare with the real make. */

import { tmpdir } from "node:os";
import { DirectoryCache } from "../../src/os/directory-cache.js";
import { MachineHost } from "../../src/os/host.js";
import { createSpawner } from "../../src/os/spawn.js";

export interface RealHostOptions {
  readonly directory: string;
  readonly home: string;
  readonly print: (text: string) => void;
  /** Where commands' errors go. */
  readonly stderr: number;
}

/** A Host that reads and runs in `directory`. */
export function realHost({ directory, home, print, stderr }: RealHostOptions): MachineHost {
  const spawner = createSpawner({ backend: undefined, temporaryDirectory: directory });
  const cache = new DirectoryCache(directory);
  return new MachineHost({
    directory,
    home,
    cache,
    spawner,
    temporaryDirectory: tmpdir(),
    stdin: 0,
    stderr,
    print: (_stream, text) => print(text),
  });
}
