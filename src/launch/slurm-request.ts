/** An allocation that a build asks Slurm for: waited for in the background, held as long as the build lives, and given back however it ends. */

import { createInterface } from "node:readline";
import { fail, ok, type Result } from "../base/result.js";
import type { Allocation } from "../placement/allocation.js";
import { readSlurmAllocation } from "../placement/slurm-allocation.js";
import type { CommandEnd, LaunchedCommand } from "./launcher.js";
import { environmentForSlurm } from "./srun.js";
import { startCommand } from "./start-command.js";

export interface SlurmWish {
  readonly nodes: number;
  /** Of each node; undefined: nobody else is to be there. */
  readonly processors: number | undefined;
  readonly partition: string | undefined;
  /** As salloc takes it. */
  readonly time: string | undefined;
  /** More of salloc's options, which win. */
  readonly options: readonly string[];
}

export interface SlurmRequestOptions {
  readonly wish: SlurmWish;
  /** The user's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** What salloc says, such as that it waits. */
  readonly onNote: (text: string) => void;
}

/**
 * salloc holds an allocation for as long as its command runs; a shell between ends salloc when our end of its standard input is closed, and
 * so also when we are killed, while it waits and afterwards. SIGTERM is what salloc takes for "give it back".
 */
const GUARD = `"$@" </dev/null & salloc=$!
exec >&-
cat >/dev/null
kill -TERM "$salloc" 2>/dev/null
wait "$salloc"`;
/** Tells what has been granted, and waits for its end. */
const HOLD = "env | grep '^SLURM_'; echo; exec sleep 2147483647";

export class SlurmRequest {
  /** Resolves once it is granted. The failure is a phrase; nothing is held then. */
  readonly granted: Promise<Result<Allocation, string>>;
  /** Resolves when there is no allocation any more: given back, at its end, or taken away. */
  readonly ended: Promise<void>;
  readonly #guard: LaunchedCommand;

  constructor({ wish, environment, directory, onNote }: SlurmRequestOptions) {
    const words = ["/bin/sh", "-c", GUARD, "sh", "salloc", ...sallocWords(wish), "/bin/sh", "-c", HOLD];
    this.#guard = startCommand({
      ...{ words, directory, onError: onNote },
      environment: environmentForSlurm(environment),
      judge: judgeSalloc,
    });
    const lines = createInterface({ input: this.#guard.fromWorker });
    const told = new Promise<ReadonlyMap<string, string>>((resolve) => {
      const variables = new Map<string, string>();
      lines.on("line", (line) => {
        const at = line.indexOf("=");
        if (line === "") resolve(variables);
        else variables.set(line.slice(0, at), line.slice(at + 1));
      });
    });
    this.ended = new Promise((resolve) => lines.once("close", resolve)).then(() => this.giveBack());
    this.granted = Promise.race([told.then(readGrant), this.#refused()]);
  }

  /** Resolves when it is given back, or is not waited for any more. */
  async giveBack(): Promise<void> {
    this.#guard.toWorker.end();
    await this.#guard.ended;
  }

  async #refused(): Promise<Result<never, string>> {
    return fail((await this.#guard.ended).reason);
  }
}

function readGrant(variables: ReadonlyMap<string, string>): Result<Allocation, string> {
  const allocation = readSlurmAllocation((name) => variables.get(name));
  if (!allocation.ok) return allocation;
  return allocation.value === undefined ? fail("salloc does not say what it was granted") : ok(allocation.value);
}

/** What the user says himself comes last, and so wins. Nodes that die are not to take the others with them (`--no-kill`). */
function sallocWords({ nodes, processors, partition, time, options }: SlurmWish): readonly string[] {
  const each =
    processors === undefined ? ["--exclusive"] : ["--ntasks-per-node=1", `--cpus-per-task=${String(processors)}`];
  return [
    ...["--no-bell", "--no-kill", "--kill-command=TERM", "--job-name=mpmake", `--nodes=${String(nodes)}`],
    ...(saysProcessors(options) ? [] : each),
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    ...options,
  ];
}

/** Two wishes for one thing may contradict each other. */
function saysProcessors(options: readonly string[]): boolean {
  return options.some((word) =>
    /^(-[cnB]|--cpus-per-|--ntasks|--exclusive|--mincpus|--extra-node-info|--gpus)/.test(word),
  );
}

/** How it ended, by what salloc said last. */
function judgeSalloc(status: number | string | undefined, errors: readonly string[]): CommandEnd {
  const complaint = errors.findLast((line) => /error: |not found|denied/i.test(line)) ?? errors.at(-1);
  const last = complaint?.replace(/^(salloc|sh): (\d+: )?(error: )?/, "");
  return { kind: "refused", reason: last === undefined ? `salloc ended (${String(status)})` : `salloc: ${last}` };
}
