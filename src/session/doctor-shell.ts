/** Short shell scripts that `mpmake --doctor` runs on a machine, as recipes would run there. */

import type { Cancellation } from "../base/abort.js";
import { Canceller } from "../base/abort.js";
import { isSuccess } from "../base/exit-status.js";
import { fromBytes } from "../base/latin1.js";
import type { Runner } from "../sched/job.js";
import { jobOf } from "./mexec.js";

/** What a script printed, and how it ended. */
export interface Answer {
  readonly good: boolean;
  readonly printed: string;
  readonly tookMs: number;
}

export interface ScriptOptions {
  /** The script's `$1` and so on. */
  readonly words?: readonly string[];
  /** Calls back with each line that it prints, as it comes. */
  readonly onLine?: (line: string) => void;
  readonly cancel?: Cancellation;
}

export class DoctorShell {
  readonly #runner: Runner;
  readonly #place: { readonly environment: readonly string[]; readonly directory: string };

  constructor(runner: Runner, place: { readonly environment: readonly string[]; readonly directory: string }) {
    this.#runner = runner;
    this.#place = place;
  }

  async run(script: string, { words = [], onLine, cancel = new Canceller() }: ScriptOptions = {}): Promise<Answer> {
    const { environment, directory } = this.#place;
    const printed: Buffer[] = [];
    let line = "";
    const beganMs = performance.now();
    const { status } = await this.#runner.run(
      jobOf({ file: "/bin/sh", arguments: ["-c", script, "sh", ...words], environment, directory }),
      (event) => {
        if (event.type !== "data" || event.stream !== "stdout") return;
        printed.push(Buffer.from(event.bytes));
        if (onLine === undefined) return;
        const lines = (line + fromBytes(event.bytes)).split("\n");
        line = lines.pop() ?? "";
        for (const each of lines) onLine(each);
      },
      cancel,
    );
    const tookMs = performance.now() - beganMs;
    return { good: isSuccess(status), printed: fromBytes(Buffer.concat(printed)), tookMs };
  }
}
