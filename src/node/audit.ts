/** The records of a worker's log: a line of JSON for each job, for each connection that was not let in, and for what changed. */

import type { WallClock } from "../net/node-connection.js";
import type { JobEnd } from "./job-house.js";
import type { JobRecord } from "./session.js";

/** Rejections that are logged in a second; those beyond are counted. */
const MAX_REJECTIONS_LOGGED = 10;
/** A refused address costs the log no more than a line of about 200 bytes. */
const MAX_REASON_CHARS = 120;

const MAX_NAME_CHARS = 1024;

/** Who a job ran for. */
export interface JobOwner {
  /** As the client calls itself; nothing hangs on it. */
  readonly who: string;
  readonly address: string;
  /** Of the credential that it proved. */
  readonly fingerprint: string;
}

export interface RejectedClaim {
  readonly fingerprint?: string;
  /** The user number that he said he has. */
  readonly claims?: number;
}

export class Audit {
  readonly #write: (line: string) => void;
  readonly #clock: WallClock;
  #rejections = { second: 0, count: 0 };

  /** @param write - takes a whole line */
  constructor(write: (line: string) => void, clock: WallClock) {
    this.#write = write;
    this.#clock = clock;
  }

  job(owner: JobOwner, { request, end, gone, tookMs }: JobRecord, uid: number): void {
    const status = end.kind === "ended" ? end.status : { kind: "refused", code: end.code, reason: end.text };
    const directory = request.directory.slice(0, MAX_NAME_CHARS);
    const target = request.target.slice(0, MAX_NAME_CHARS);
    const ended = forcedEnd(end, gone);
    this.note({ event: "job", ...owner, uid, directory, target, status, ...(ended && { ended }), tookMs });
  }

  /** Someone was not let in; with what he had proved by then, and claimed. */
  rejected(address: string, reason: string, claim: RejectedClaim = {}): void {
    const second = Math.floor(this.#clock.nowMs() / 1000);
    if (second !== this.#rejections.second) this.#startSecond(second);
    this.#rejections.count++;
    if (this.#rejections.count > MAX_REJECTIONS_LOGGED) return;
    this.note({ event: "rejected", address, reason: reason.slice(0, MAX_REASON_CHARS), ...claim });
  }

  /** Anything else. */
  note(record: object): void {
    this.#write(JSON.stringify({ time: this.#now(), ...record }));
  }

  /** A line of a part, with whose it is: no part can speak for another. @returns whether it is one */
  relay(line: string, account: string): boolean {
    const record = parseRecord(line);
    if (record !== undefined) this.#write(JSON.stringify({ ...record, time: this.#now(), account }));
    return record !== undefined;
  }

  #now(): string {
    return new Date(this.#clock.nowMs()).toISOString();
  }

  #startSecond(second: number): void {
    const unlogged = this.#rejections.count - MAX_REJECTIONS_LOGGED;
    this.#rejections = { second, count: 0 };
    if (unlogged > 0) this.note({ event: "rejected", unlogged });
  }
}

/** Why a job did not end by itself, and what that took. */
function forcedEnd(end: JobEnd, gone: string | undefined): object | undefined {
  if (end.kind === "refused" || (end.swept === undefined && gone === undefined)) return undefined;
  const because = end.over === undefined ? gone?.slice(0, MAX_REASON_CHARS) : `it ${end.over}`;
  return { because: because ?? "its client ended it", processes: end.swept?.ended ?? 0, left: end.swept?.left ?? 0 };
}

function parseRecord(text: string): object | undefined {
  try {
    const record: unknown = JSON.parse(text);
    return typeof record === "object" && record !== null ? record : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
