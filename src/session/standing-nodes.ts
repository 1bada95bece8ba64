/** The nodes of a standing cluster, one by one: whether they answer, what they do, and how they are had to leave. */

import { nodeId } from "../base/ids.js";
import { fail, ok, type Result } from "../base/result.js";
import { UserError } from "../base/user-error.js";
import type { WallClock } from "../net/node-connection.js";
import { fromUnicode } from "../os/bytes.js";
import { compareNames, type ClusterFolder } from "../os/cluster-folder.js";
import type { NodeRecord } from "../placement/node-record.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import { readCredential } from "./cluster.js";
import { connect } from "./cluster-dial.js";
import { addressOf, readRecords } from "./standing-roll.js";

/** Who asks, and how. */
export interface StandingQuestion {
  readonly folder: ClusterFolder;
  readonly credential: ClientKeyFile;
  readonly clock: WallClock;
  /** How long a node has to answer. */
  readonly timeoutMs: number;
}

/** A node has so long to answer at an address. */
const TIMEOUT_MS = 3000;

/** To the nodes of a cluster, by its own key. @throws UserError when that cannot be used */
export function questionTo(folder: ClusterFolder): StandingQuestion {
  const credential = readCredential(fromUnicode(folder.clientKey));
  return { folder, credential, clock: { nowMs: () => Date.now() }, timeoutMs: TIMEOUT_MS };
}

/** What a node says of itself when it is asked. */
export interface NodeAnswer {
  readonly slots: number;
  readonly running: number;
  readonly loadAverage: number;
}

export interface NodeState {
  readonly name: string;
  /** The failure says why there is none that can be used. */
  readonly record: Result<NodeRecord, string>;
  /** The failure is a phrase that fits behind "it does not answer:". */
  readonly answer: Result<NodeAnswer, string>;
}

/** Asks a node, over the connection that a build would use: so it has proved itself, and we to it. */
export async function askNode(record: NodeRecord, question: StandingQuestion): Promise<Result<NodeAnswer, string>> {
  const connected = await connect(addressOf(record), { ...question, munge: undefined });
  if (!connected.ok) return fail(connected.error.reason);
  const { node, load } = connected.value;
  await connected.value.close();
  return ok({ slots: node.slots, running: load.running, loadAverage: load.loadAverage });
}

/** Asks all at once; the answers stand in the order of the names. @throws ErrnoException */
export async function askNodes(question: StandingQuestion): Promise<readonly NodeState[]> {
  const records = await readRecords(question.folder);
  return Promise.all(
    records.map(async (record): Promise<NodeState> => {
      if (record.ok) return { name: record.value.name, record, answer: await askNode(record.value, question) };
      const { name, text } = record.error;
      return { name, record: fail(text), answer: fail(text) };
    }),
  );
}

export interface DrainRequest extends StandingQuestion {
  /** None: this machine's. */
  readonly names: readonly string[] | "all";
  /** How this machine calls itself. */
  readonly ownName: string;
  /** Until they have left; otherwise until they are known to drain. */
  readonly waits: boolean;
  /** Takes a line for the user. */
  readonly tell: (text: string) => void;
  readonly pause: (delayMs: number) => Promise<unknown>;
}

/** Has nodes leave. @throws UserError for a name that nobody has */
export async function drainNodes(request: DrainRequest): Promise<void> {
  const records = await readRecords(request.folder);
  const known = new Map(records.map((record) => [nodeId(record.ok ? record.value.name : record.error.name), record]));
  const wanted = wantedNames(request, [...known.keys()]);
  await Promise.all(
    wanted.map(async (name) => {
      const record = known.get(nodeId(name));
      if (record === undefined) return;
      if (record.ok) await new Drain(record.value, request).run();
      else removeUnreadable(name, record.error.text, request);
    }),
  );
}

function wantedNames({ names, ownName, folder }: DrainRequest, known: readonly string[]): readonly string[] {
  if (names === "all") return known;
  const wanted = names.length === 0 ? [ownName] : [...new Set(names)];
  const stranger = wanted.find((name) => !known.includes(name));
  if (stranger === undefined) return wanted;
  const nodes = [...known].sort(compareNames).join(", ");
  const hint = known.length === 0 ? "it has no nodes" : `its nodes are ${nodes}`;
  const who = names.length === 0 ? `this machine, ${stranger},` : stranger;
  throw new UserError(`${who} is no node of the cluster ${fromUnicode(folder.path)}`, { hint });
}

function removeUnreadable(name: string, text: string, { folder, tell }: DrainRequest): void {
  folder.removeFile(name);
  tell(`${name} had a record that could not be read, which is removed: ${text}`);
}

/** The folder is looked at as often; the worker looks once a second. */
const LOOK_MS = 250;
/** A worker that does not answer and has not heeded a request by then does not run. */
const DEAD_AFTER_MS = 5000;
/** While a node drains it is asked so often whether it is still there. */
const ASK_AGAIN_MS = 5000;
/** So often in a row it may not answer before it is taken for dead, once it has answered. */
const SILENCES = 3;

/** One node's. */
class Drain {
  readonly #record: NodeRecord;
  readonly #request: DrainRequest;
  #answer: Result<NodeAnswer, string> = fail("");
  /** It has answered at some time. */
  #hasAnswered = false;
  #silences = 0;
  #askedMs = 0;

  constructor(record: NodeRecord, request: DrainRequest) {
    this.#record = record;
    this.#request = request;
  }

  async run(): Promise<void> {
    const { folder, clock, pause, waits, tell } = this.#request;
    const { name } = this.#record;
    await this.#ask();
    await folder.requestDrain(this.#record);
    const beganMs = clock.nowMs();
    let isTold = false;
    for (;;) {
      const now = await this.#now();
      if (now === undefined) {
        this.#left();
        return;
      }
      const hasHeeded = now.drainingMs !== undefined && this.#record.drainingMs === undefined;
      const isDead = this.#hasAnswered
        ? this.#silences >= SILENCES
        : !hasHeeded && clock.nowMs() - beganMs >= DEAD_AFTER_MS;
      if (isDead) {
        this.#remove();
        return;
      }
      if (!isTold && now.drainingMs !== undefined && (hasHeeded || this.#hasAnswered)) {
        isTold = true;
        if (!waits || this.#running > 0) tell(`${name} drains: ${jobs(this.#running)}`);
        if (!waits) return;
      }
      await pause(LOOK_MS);
      if (clock.nowMs() - this.#askedMs >= ASK_AGAIN_MS) await this.#ask();
    }
  }

  get #running(): number {
    return this.#answer.ok ? this.#answer.value.running : 0;
  }

  async #ask(): Promise<void> {
    this.#askedMs = this.#request.clock.nowMs();
    this.#answer = await askNode(this.#record, this.#request);
    this.#silences = this.#answer.ok ? 0 : this.#silences + 1;
    this.#hasAnswered ||= this.#answer.ok;
  }

  /** The record as it is now; undefined: this start of the node has left. */
  async #now(): Promise<NodeRecord | undefined> {
    const { folder } = this.#request;
    const { name, id } = this.#record;
    if (!(await folder.look(name)).stamps.has(name)) return undefined;
    const record = folder.readNode(name);
    return record.ok && record.value?.id === id ? record.value : undefined;
  }

  #left(): void {
    this.#request.tell(`${this.#record.name} has left`);
  }

  /** What is not there cannot drain. Should it be there after all, it drains when it sees that its record is gone. */
  #remove(): void {
    const { folder, tell } = this.#request;
    folder.removeNode(this.#record);
    const why = this.#answer.ok ? "" : `: ${this.#answer.error}`;
    tell(`${this.#record.name} does not answer${why}; its record is removed`);
  }
}

function jobs(count: number): string {
  return count === 1 ? "1 job runs" : `${String(count)} jobs run`;
}
