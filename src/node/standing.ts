/** A worker that has joined a standing cluster: it says in the cluster's folder where it is, and does what that folder asks of it. */

import { fail, ok, type Result } from "../base/result.js";
import { type ClusterFolder, type FolderLook, isGone } from "../os/cluster-folder.js";
import { errnoOf, strerror } from "../os/strerror.js";
import { Timers } from "../os/timers.js";
import { DRAINING, type NodeRecord } from "../placement/node-record.js";
import { type HouseWorker, startWorker, type WorkerOptions, type WorkerTerms } from "./worker.js";

export interface StandingOptions extends Omit<WorkerOptions, "address" | "onRunning" | "group"> {
  readonly folder: ClusterFolder;
  /** Where it listens; undefined: at all addresses. */
  readonly address: string | undefined;
  /** What others are told of where it is. */
  readonly addresses: readonly string[];
  /** Of this start: 16 hexadecimal digits. */
  readonly id: string;
  readonly pid: number;
  /** How often the folder is looked at. */
  readonly lookMs?: number;
  /** How long builds have, once it drains, to see that before they are refused. */
  readonly noticeMs?: number;
}

/** The folder is on a file system that tells nobody what others have changed. */
const LOOK_MS = 1000;
/** Builds look at the folder once a second, too. */
const NOTICE_MS = 2500;
/** A folder is gone when it is not there so many times in a row. */
const LOOKS_UNTIL_GONE = 3;
/** Both families of addresses, or where there is but one. */
const EVERYWHERE = ["::", "0.0.0.0"] as const;

/**
 *   joined ─ asked to drain, SIGTERM, record or folder gone ─→ draining ─ no job runs ─→ ended
 *     └────────────────────────── SIGINT ──────────────────────────┴──────────────────────↗
 */
export class StandingNode {
  /** Resolves when it has ended and its record is gone; with why, as a phrase. */
  readonly ended: Promise<string>;
  readonly #options: StandingOptions;
  readonly #worker: HouseWorker;
  #record: NodeRecord;
  /** Of its record, as the folder shows it. */
  #stamp: string;
  #reason: string | undefined;
  #isResting = false;
  #isEnding = false;
  #missed = 0;
  /** The last trouble with the folder that was logged. */
  #trouble = "";
  readonly #timers = new Timers();
  #end: (reason: string) => void = () => undefined;

  private constructor(options: StandingOptions, { worker, record, stamp }: Begun) {
    this.#options = options;
    this.#worker = worker;
    this.#record = record;
    this.#stamp = stamp;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#lookLater();
  }

  /** Listens, and writes its record. The failure is a phrase. */
  static async start(options: StandingOptions): Promise<Result<StandingNode, string>> {
    let settle = (): void => undefined; // nothing runs before it is there
    const worker = await listen(options, () => settle());
    if (!worker.ok) return worker;
    const { name, id, addresses, slots, pid, clock } = options;
    const { port } = worker.value;
    const record = { name, id, addresses, port, slots, pid, sinceMs: clock.nowMs(), drainingMs: undefined };
    options.folder.forgetRequest(name); // of an earlier start
    const stamp = await writeRecord(options.folder, record);
    if (!stamp.ok) {
      await worker.value.stop();
      return stamp;
    }
    const node = new StandingNode(options, { worker: worker.value, record, stamp: stamp.value });
    settle = () => node.#settle();
    return ok(node);
  }

  get record(): NodeRecord {
    return this.#record;
  }

  reload(terms: WorkerTerms): void {
    this.#worker.reload(terms);
  }

  /** Lets its jobs end, and ends. */
  async drain(): Promise<void> {
    await this.#drain("it was told to stop");
    await this.ended;
  }

  /** Ends its jobs, and ends. */
  async stop(): Promise<void> {
    this.#reason ??= "it was told to stop at once";
    if (!this.#isEnding) {
      this.#isEnding = true;
      await this.#worker.stop();
      this.#finish();
    }
    await this.ended;
  }

  #lookLater(): void {
    this.#timers.after(this.#options.lookMs ?? LOOK_MS, () => void this.#look()); // what is wrong is logged
  }

  async #look(): Promise<void> {
    const { folder, name } = this.#options;
    try {
      const look = await folder.look(name);
      this.#missed = 0;
      if (look.asked.has(name) && folder.isMeant(this.#record)) await this.#drain("it was asked to drain");
      else this.#lookAtRecord(look);
    } catch (error) {
      this.#missedLook(error);
    }
    if (!this.#isEnding) this.#lookLater();
  }

  #lookAtRecord({ stamps }: FolderLook): void {
    const { folder, name } = this.#options;
    const stamp = stamps.get(name);
    if (this.#reason !== undefined || stamp === this.#stamp) return;
    const found = folder.readNode(name);
    if (!found.ok) this.#note(found.error);
    else if (found.value === undefined) void this.#drain("its record was removed");
    else if (found.value.id !== this.#record.id) void this.#drain("another has taken its place");
    else this.#stamp = stamp ?? "";
  }

  #missedLook(error: unknown): void {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    if (isGone(error)) {
      this.#missed++;
      if (this.#missed === LOOKS_UNTIL_GONE) void this.#drain("the folder of its cluster is gone");
    } else this.#note(`${this.#options.folder.path} cannot be read (${strerror(errno)})`);
  }

  /** What may be well the next time is logged when it is another trouble than before. */
  #note(trouble: string): void {
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    this.#options.audit.note({ event: "trouble", reason: trouble });
  }

  /** Says so first, that builds send nothing more by themselves. Never rejects. */
  async #drain(reason: string): Promise<void> {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const { audit, folder, clock, noticeMs = NOTICE_MS } = this.#options;
    const { running, hasClients } = this.#worker.house;
    audit.note({ event: "draining", reason, running });
    const now = folder.readNode(this.#record.name);
    this.#record = { ...this.#record, drainingMs: clock.nowMs() };
    // Where the record is not ours any more, ours is not put back.
    if (now.ok && now.value?.id === this.#record.id) {
      const written = await writeRecord(folder, this.#record);
      if (written.ok) this.#stamp = written.value;
      else audit.note({ event: "record-not-written", reason: written.error });
    }
    if (hasClients) this.#timers.after(noticeMs, () => this.#rest());
    else this.#rest();
  }

  #rest(): void {
    this.#isResting = true;
    this.#worker.house.rest(DRAINING);
    this.#settle();
  }

  /** Jobs have begun or ended. */
  #settle(): void {
    if (!this.#isResting || this.#isEnding || this.#worker.house.running > 0) return;
    this.#isEnding = true;
    void this.#worker.drain().then(() => this.#finish()); // a failure ends this process with its trace
  }

  #finish(): void {
    this.#timers.clear();
    const { folder, audit } = this.#options;
    folder.removeNode(this.#record);
    const reason = this.#reason ?? "";
    audit.note({ event: "left", name: this.#record.name, reason });
    this.#end(reason);
  }
}

interface Begun {
  readonly worker: HouseWorker;
  readonly record: NodeRecord;
  readonly stamp: string;
}

async function listen(options: StandingOptions, onRunning: () => void): Promise<Result<HouseWorker, string>> {
  const { address } = options;
  const where = address === undefined ? EVERYWHERE : [address];
  let failure = "";
  for (const each of where) {
    const worker = await startWorker({ ...options, address: each, onRunning });
    if (worker.ok) return worker;
    failure = worker.error;
  }
  return fail(failure);
}

async function writeRecord(folder: ClusterFolder, record: NodeRecord): Promise<Result<string, string>> {
  try {
    return ok(await folder.writeNode(record));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return fail(`a record cannot be written in ${folder.path} (${strerror(errno)})`);
  }
}
