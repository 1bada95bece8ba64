/** Sub-makes as parts of this process: a program that is make itself is run as one more invocation, as if it had been started. */

import { fstatSync } from "node:fs";
import { Canceller } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import type { Door, JoinPoint } from "../os/join-point.js";
import type { LauncherClaim } from "../os/launcher.js";
import { likenessOf, ownLikeness } from "../os/likeness.js";
import type { MakesHost, NodeOfMakes } from "../exec/job-far-makes.js";
import type { FarMake } from "../net/node-connection.js";
import type { Job } from "../sched/job.js";
import type { JoinWish } from "../wire/message.js";
import type { Captured, CaptureRequest, Spawner, SpawnRequest, Started } from "../os/spawn.js";
import { recipeGroup } from "../os/terminal.js";
import { changedDirectory } from "./changed-directory.js";
import { environmentValue, type InvocationContext, type MakeAbove } from "./context.js";
import type { Welcome } from "./joined-make.js";
import { namesOwnDescriptor } from "./own-descriptor-names.js";
import type { MakeOutcome } from "../base/exit-status.js";
import type { MakeSession } from "./make-session.js";

export interface SubMakesOptions {
  /** Of the make that starts them. */
  readonly context: InvocationContext;
  readonly runMake: (context: InvocationContext) => Promise<MakeOutcome>;
  /** Starts all other programs. */
  readonly spawner: Spawner;
  /** What this make and those below it take part in. */
  readonly above: () => Omit<MakeAbove, "group" | "job">;
  /** What lines that run makes have in their environment in any case. */
  readonly invitation: readonly string[];
  readonly session: Pick<MakeSession, "hasRoom" | "runPart">;
  readonly joinPoint: () => Promise<JoinPoint | undefined>;
  /** Absolute. */
  readonly temporaryDirectory: string;
}

/** Starts programs, and make itself as a part of this process: it is what a process would be, but for a number of its own. */
export class SubMakes implements Spawner, MakesHost {
  readonly #options: SubMakesOptions;
  readonly #inputs = new Set<number>();
  #likeness: string | undefined;
  #door: Promise<Door | undefined> | undefined;

  constructor(options: SubMakesOptions) {
    this.#options = options;
  }

  get kind(): Spawner["kind"] {
    return this.#options.spawner.kind;
  }

  spawn(request: SpawnRequest): Started {
    this.#inputs.add(request.stdin);
    const call = this.#ownCall(request);
    return call === undefined ? this.#options.spawner.spawn(request) : this.#start(call);
  }

  capture(request: CaptureRequest): Captured {
    return this.#options.spawner.capture(request);
  }

  /** What tells makes that a shell starts where to ask: entries of their environment. */
  async invitation(): Promise<readonly string[]> {
    const { context, invitation } = this.#options;
    if (!mayJoin(context.environment)) return invitation;
    this.#door ??= this.#openDoor();
    const door = await this.#door;
    return door === undefined ? invitation : [...invitation, `${JOIN}=${door.address}`];
  }

  async #openDoor(): Promise<Door | undefined> {
    const [point, { joinMake }] = await Promise.all([this.#options.joinPoint(), import("./joined-make.js")]);
    const take = (claim: LauncherClaim, answer: number): boolean => {
      const welcome = this.#welcome(claim);
      return welcome !== undefined && joinMake({ ...welcome, claim, answer });
    };
    return point?.open({ take });
  }

  /** How a make is taken in; undefined: it has to start by itself. */
  #welcome({ pid }: LauncherClaim): Welcome | undefined {
    const { context, session } = this.#options;
    if (!session.hasRoom || likenessOf(pid) !== (this.#likeness ??= ownLikeness(context.launched))) return undefined;
    return {
      own: { inputs: [...this.#inputs], outputs: [context.stdout, context.stderr] },
      suits: ({ argv0, environment }) => argv0 === context.argv0 && mayJoin(environment),
      run: ({ further, ...joined }) => this.#run({ ...joined, launched: { ...context.launched, further } }),
    };
  }

  /** The same of one that a script on a node has started. */
  async welcome(job: Job, wish: JoinWish, node: NodeOfMakes): Promise<FarMake | undefined> {
    const { context, session, above, temporaryDirectory } = this.#options;
    if (!session.hasRoom || !mayJoin(wish.environment)) return undefined;
    const { welcomeFarMake } = await import("./far-makes.js");
    const { argv0, environment, launched, stdout, stderr } = context;
    return welcomeFarMake({
      ...{ wish, node, argv0, environment, temporaryDirectory, outputs: { stdout, stderr } },
      jobserver: above().jobserver?.auth,
      run: (call) => this.#run({ ...call, launched, job: job.id, group: "own" }),
    });
  }

  /** To be called when all recipes have ended. */
  async close(): Promise<void> {
    (await this.#door)?.close();
  }

  /** The call by which this make would be started; undefined: it is another program, or a process of its own is wanted. */
  #ownCall(request: SpawnRequest): SpawnRequest | undefined {
    const { context, session } = this.#options;
    const { stdin, stdout, stderr, settings, umask } = request;
    if (!context.argv0.startsWith("/") || !mayJoin(request.environment)) return undefined;
    if (settings !== undefined || umask !== undefined || stdin < 0 || namesOwnDescriptor(request.argv))
      return undefined;
    // Others may be pipes that this process reads; files keep nobody waiting (`-Orecurse`).
    const isPatient = (fd: number): boolean => fd === context.stdout || fd === context.stderr || fstatSync(fd).isFile();
    if (![stdout, stderr].every(isPatient)) return undefined;
    const call = request.program === context.argv0 ? request : changedDirectory(request);
    return call?.program === context.argv0 && session.hasRoom ? call : undefined;
  }

  #start({ argv: [argv0 = "", ...argv], group, further = [], ...request }: SpawnRequest): Started {
    const { environment, directory, stdin, stdout, stderr, job } = request;
    const { context } = this.#options;
    const cancel = new Canceller();
    const outcome = this.#run({
      ...{ argv0, argv, environment, directory, stdin, stdout, stderr, group, job, cancel },
      launched: { ...context.launched, further: further.map(([from]) => from) },
      onDebugSignal: () => () => undefined,
    });
    return { pid: undefined, exit: outcome.then(statusOf), kill: (signal) => cancel.abort(signal) };
  }

  /** Its signals are ours to take, and end it by `cancel`. */
  #run({ group, job, ...call }: Call): Promise<MakeOutcome> {
    const { context, session, runMake, above } = this.#options;
    const joined: InvocationContext = {
      ...{ ...context, ...call },
      environment: call.environment.filter((entry) => !entry.startsWith(`${JOIN}=`)),
      columns: undefined,
      command: undefined,
      above: { ...above(), job, group: group ?? context.above?.group ?? recipeGroup() },
      onSignals: () => () => undefined,
    };
    return session.runPart(() => runMake(joined));
  }
}

/** What is another's than that of the make above. */
type Call = Pick<InvocationContext, "argv" | "argv0" | "cancel" | "directory" | "environment"> &
  Pick<InvocationContext, "launched" | "onDebugSignal" | "stderr" | "stdin" | "stdout"> &
  Partial<Pick<MakeAbove, "group" | "job"> & Pick<InvocationContext, "makeRoom">>;

/** Where launchers ask; see os/launcher-script.ts. */
const JOIN = "MPMAKE_JOIN";
/** `0`: sub-makes are processes; else they are a part of the process of the make above where that can be. */
const SESSION = "MPMAKE_SESSION";

/** Whether makes may be parts of the process of the make above them, by what is in their environment. */
export function mayJoin(environment: readonly string[]): boolean {
  return environmentValue(environment, SESSION) !== "0";
}

function statusOf(outcome: MakeOutcome): ExitStatus {
  return outcome.kind === "exited" ? outcome : { ...outcome, core: false };
}
