/** A small process beside a session that tells launchers, of lines or of makes, of its end when it was killed: none of them waits for ever. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Writable } from "node:stream";

/**
 * Waits for a word on its standard input. When that ends without one, the session was killed: whoever has the session's FIFO ($1)
 * open as 8 waits at 9, which is opened before 8 is looked at again, for a launcher gives them up in that order. Those that the
 * session had heard have closed both, and notice its end themselves. Its directory ($2), where it is the session's alone, goes first.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM
exec 8<>"$1"
if read -r word; then exit; fi
if [ "$2" ]; then rm -rf -- "$2"; fi
for asked in /proc/[0-9]*/fd/8; do
  if [ "$asked" -ef /proc/self/fd/8 ]; then
    { if [ "$asked" -ef /proc/self/fd/8 ]; then echo gone >&7; fi; } 7>"\${asked%8}9"
  fi
done
`;

/** It lives as long as this process, unless dismissed before. */
export class ShellGuardian {
  readonly #process: ChildProcessByStdio<Writable, null, null>;

  /** Of our environment it has nothing: it is no job's, even where we are. @param directory - removed when the session was killed */
  constructor(requests: string, directory = "") {
    this.#process = spawn("/bin/sh", ["-c", SCRIPT, "sh", requests, directory], {
      cwd: "/",
      env: {},
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    // without it launchers are served all the same
    this.#process.on("error", () => undefined);
    // there is none where no more files may be open
    const { stdin } = this.#process as { readonly stdin?: Writable };
    stdin?.on("error", () => undefined);
    this.#process.unref();
    if (stdin instanceof Socket) stdin.unref();
  }

  /** The session ends by itself. */
  dismiss(): void {
    const { stdin } = this.#process as { readonly stdin?: Writable };
    stdin?.end("done\n");
  }
}
