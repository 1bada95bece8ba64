/** Starting programs on this machine: the choice between the two ways of doing it, made when the first one is started. */

import { type NativeLibrary, nativeLibrary } from "./native.js";
import { ChildProcessSpawner } from "./spawn-node.js";
import { NativeSpawner } from "./spawn-native.js";
import type { Launched } from "./process-settings.js";
import type { Captured, CaptureRequest, Spawner, SpawnRequest, Started } from "./spawner.js";

export { CLOSED, TERMINAL, type Captured } from "./spawner.js";
export type { CaptureRequest, DescriptorMove, Spawner, SpawnRequest, Started } from "./spawner.js";

export interface SpawnerOptions {
  /**
   * `koffi`: the C library's posix_spawn, at the same cost however large this process is, with core flags, raw bytes and ignored
   * signals kept ignored. `node`: `node:child_process`, which knows no core flag, gives every signal its default again, and slows
   * down as this process grows. Unset: koffi where it is installed.
   */
  readonly backend?: "koffi" | "node" | undefined;
  /** What Node changed when it started, and programs are to have as our caller gave it to us. */
  readonly launched?: Launched;
  /** Where short-lived files may be made; absolute. */
  readonly temporaryDirectory: string;
}

/** The spawner of this machine. What it needs is loaded when the first program is started. */
export function createSpawner(options: SpawnerOptions): Spawner {
  return new LazySpawner(options);
}

class LazySpawner implements Spawner {
  readonly #options: SpawnerOptions;
  #spawner: Spawner | undefined;

  constructor(options: SpawnerOptions) {
    this.#options = options;
  }

  get kind(): Spawner["kind"] {
    return this.#loaded().kind;
  }

  spawn(request: SpawnRequest): Started {
    return this.#loaded().spawn(request);
  }

  capture(request: CaptureRequest): Captured {
    return this.#loaded().capture(request);
  }

  #loaded(): Spawner {
    return (this.#spawner ??= load(this.#options));
  }
}

function load({ backend, temporaryDirectory, launched }: SpawnerOptions): Spawner {
  const library = backend === "node" ? undefined : nativeLibrary();
  if (library === undefined) return new ChildProcessSpawner(temporaryDirectory);
  return nativeSpawner(library, launched ?? { ignoredSignals: 0n });
}

let native: { readonly spawner: NativeSpawner; readonly launched: Launched } | undefined;

/** Makes in one process share it as long as they were launched alike: it has read limits and laid out attributes. */
function nativeSpawner(library: NativeLibrary, launched: Launched): NativeSpawner {
  if (native === undefined || !isAlike(native.launched, launched))
    native = { spawner: new NativeSpawner(library, launched), launched };
  return native.spawner;
}

function isAlike(one: Launched, other: Launched): boolean {
  return (["ignoredSignals", "blockedSignals", "openFiles"] as const).every((key) => one[key] === other[key]);
}
