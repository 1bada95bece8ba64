/** The makes that programs of one job start, where the client may take them in: who asks, and what is answered. */

import { closeSync, statSync } from "node:fs";
import type { EndpointSocket } from "../net/endpoint-socket.js";
import { attempt } from "../os/attempt.js";
import { toPath } from "../os/bytes.js";
import type { Door, JoinHost, JoinPoint } from "../os/join-point.js";
import { furtherOfLauncher, type LauncherClaim, openLauncherNotices, readLauncher } from "../os/launcher.js";
import { readsNothing, takeLauncherOutputs } from "../os/launcher-outputs.js";
import { dismissLauncher } from "../os/launcher-line.js";
import { likenessOf } from "../os/likeness.js";
import { descendsFrom } from "../os/process-tree.js";
import type { DescriptorMove } from "../os/spawn.js";
import { refusalOf } from "../os/strerror.js";
import { jobserverAuthOf, withAuthFor } from "../sched/jobserver-auth.js";
import { isSendable } from "../wire/join-codec.js";
import { MAX_JOINS, MAX_JOINS_AT_ONCE } from "../wire/limits.js";
import type { JoinOutputs, JoinWish, MessageOf } from "../wire/message.js";
import { NodeMake } from "./node-make.js";

export interface JobMakesRequest {
  readonly link: EndpointSocket;
  /** Of the job. */
  readonly stream: number;
  readonly point: JoinPoint;
  /** `NAME=value`, in the environment of all that is the job's. */
  readonly marker: string;
  /** The running line's process; undefined: none runs. */
  readonly pid: () => number | undefined;
  /** What the job has above 2. */
  readonly further: () => readonly DescriptorMove[];
  /** The path of its terminal; undefined: it has none. */
  readonly terminal: () => string | undefined;
  /** Resolves when all that the job has written by now is on its way. */
  readonly flushed: () => Promise<void>;
  /** Descriptors up to this number may be taken. */
  readonly maxDescriptor: number;
  /** Of programs that are started as the job's lines are; undefined: it cannot be known. */
  readonly likeness: () => Promise<string | undefined>;
  /** As the client has named it, and as the job has it. */
  readonly environment: { readonly asked: readonly string[]; readonly given: readonly string[] };
  /** The first of its makes runs in the client, for which the job waits; or none does any more. */
  readonly onWaits: (waits: boolean) => void;
}

/** Where launchers ask; and the job's mark, which is not the client's. */
const OF_THIS_NODE = /^MPMAKE_J(?:OIN|OB)=/;

export class JobMakes implements JoinHost {
  readonly #request: JobMakesRequest;
  readonly #door: Door;
  readonly #asked = new Map<number, NodeMake>();
  readonly #running = new Map<number, NodeMake>();
  #likeness: Promise<string | undefined> | undefined;
  #considered = 0;
  #last = 0;
  #isOver = false;

  constructor(request: JobMakesRequest) {
    this.#request = request;
    this.#door = request.point.open(this);
  }

  /** For the environment of the job. */
  get invitation(): string {
    return `MPMAKE_JOIN=${this.#door.address}`;
  }

  take(claim: LauncherClaim, answer: number): boolean {
    if (this.#isOver || !this.#hasRoom || !this.#isOurs(claim)) return false;
    void this.#consider(claim, answer); // it does not reject
    return true;
  }

  /** The client takes one in. */
  joined({ stream, join }: MessageOf<"joined">): void {
    const make = this.#asked.get(join);
    if (make === undefined) throw new Error("internal error: a make is taken in that has not asked");
    this.#asked.delete(join);
    this.#running.set(stream, make);
    if (this.#running.size === 1) this.#request.onWaits(true);
    make.take(stream);
    if (this.#isOver) make.end();
  }

  refused({ join }: MessageOf<"join-refused">): void {
    this.#asked.get(join)?.refuse();
    this.#asked.delete(join);
  }

  /** What the client says of one that it runs. */
  received(message: MessageOf<"stdout" | "stderr" | "made">): void {
    const make = this.#running.get(message.stream);
    if (message.type !== "made") {
      make?.output(message.type, message.bytes);
      return;
    }
    void make?.made(message.status).then(() => this.#left(message.stream)); // it does not reject
  }

  /** The job's lines have ended. Resolves when no make of it runs any more, or the client is gone. */
  async over(): Promise<void> {
    this.#isOver = true;
    this.#door.close();
    for (const make of this.#running.values()) make.end();
    while (this.#asked.size + this.#running.size > 0)
      await Promise.all([...this.#asked.values(), ...this.#running.values()].map((make) => make.over));
  }

  /** The client is gone. */
  lost(): void {
    this.#isOver = true;
    for (const make of [...this.#asked.values(), ...this.#running.values()]) make.lost();
    this.#asked.clear();
    for (const stream of this.#running.keys()) this.#left(stream);
  }

  get #hasRoom(): boolean {
    const atOnce = this.#considered + this.#asked.size + this.#running.size;
    return this.#request.link.isOpen && this.#last + this.#considered < MAX_JOINS && atOnce < MAX_JOINS_AT_ONCE;
  }

  #left(stream: number): void {
    if (this.#running.delete(stream) && this.#running.size === 0) this.#request.onWaits(false);
  }

  /** Whether it is one of the job's processes. */
  #isOurs({ pid }: LauncherClaim): boolean {
    const root = this.#request.pid();
    return root !== undefined && descendsFrom(pid, root);
  }

  async #consider(claim: LauncherClaim, answer: number): Promise<void> {
    this.#considered++;
    const isAlike = await this.#isAlike(claim);
    // What goes to one terminal by two ways is to come there in its order.
    if (isAlike && this.#request.terminal() !== undefined) await this.#request.flushed();
    this.#considered--;
    if (!isAlike || this.#isOver || !this.#ask(claim, answer)) dismissLauncher(answer);
  }

  async #isAlike({ pid }: LauncherClaim): Promise<boolean> {
    this.#likeness ??= this.#request.likeness().catch(unlessRefused);
    const likeness = await this.#likeness;
    return likeness !== undefined && likenessOf(pid) === likeness;
  }

  /** @returns false when it has to start by itself */
  #ask(claim: LauncherClaim, answer: number): boolean {
    const { link, stream } = this.#request;
    const notices = readsNothing(claim) && this.#hasJobs(claim) ? openLauncherNotices(claim) : undefined;
    if (notices === undefined) return false;
    const outputs = takeLauncherOutputs(claim, this.#request.terminal());
    const hasRoom = outputs !== undefined && Math.max(outputs.stdout, outputs.stderr) <= this.#request.maxDescriptor;
    const wish = hasRoom ? this.#wishOf(claim, outputs.kind) : undefined;
    if (outputs === undefined || wish === undefined) {
      for (const fd of [notices, outputs?.stdout, outputs?.stderr]) if (fd !== undefined) closeSync(fd);
      return false;
    }
    const { stdout, stderr } = outputs;
    const join = ++this.#last;
    this.#asked.set(join, new NodeMake(link, wish, { answer, notices, stdout, stderr }));
    link.send({ type: "join", stream, join, wish });
    return true;
  }

  /** Whether it has the job's descriptors above 2, and no others. */
  #hasJobs(claim: LauncherClaim): boolean {
    const ours = new Map(this.#request.further().map(([own, fd]) => [fd, own]));
    return furtherOfLauncher(claim, (fd) => ours.get(fd))?.length === ours.size;
  }

  /** @returns undefined when it cannot be asked for */
  #wishOf(claim: LauncherClaim, outputs: JoinOutputs): JoinWish | undefined {
    const launcher = readLauncher(claim);
    if (launcher?.environment.includes(this.#request.marker) !== true) return undefined;
    const programBytes = attempt(() => statSync(toPath(launcher.argv0)).size);
    if (programBytes === undefined) return undefined;
    const environment = this.#forClient(launcher.environment);
    const wish = { ...launcher, environment, outputs, programBytes };
    return isSendable(wish) ? wish : undefined;
  }

  /** An environment as it would be there: with the client's own jobserver. */
  #forClient(environment: readonly string[]): readonly string[] {
    const { asked, given } = this.#request.environment;
    const own = environment.filter((entry) => !OF_THIS_NODE.test(entry));
    const [theirs, ours] = [jobserverAuthOf(asked), jobserverAuthOf(given)];
    return theirs === undefined || ours === undefined ? own : withAuthFor(own, ours, theirs);
  }
}

/** Descriptors may have run out. */
function unlessRefused(error: unknown): undefined {
  if (refusalOf(error) === undefined) throw error;
}
