/** One client on a worker: its jobs and its questions, and the end of all of them when it is gone. */

import { createHash, randomBytes } from "node:crypto";
import { fail, ok, type Result } from "../base/result.js";
import type { EndpointSocket } from "../net/endpoint-socket.js";
import type { Received } from "../wire/endpoint.js";
import { MAX_OPEN_STREAMS } from "../wire/limits.js";
import type { MessageOf, RunRequest } from "../wire/message.js";
import { answerProof } from "./answer-proof.js";
import { type EnvsetterResult, runEnvsetter } from "./envsetter.js";
import type { JobEnd, JobHouse } from "./job-house.js";
import type { JobMakes } from "./job-makes.js";
import { NodeJob } from "./node-job.js";

/** What a session needs of its worker. */
export interface SessionHouse extends Omit<JobHouse, "envsetter"> {
  /** Why the client may not have another job now; undefined: it may. */
  readonly refusal: () => JobRefusal | undefined;
  /** A job starts or has ended: counts, and logs. */
  readonly onStart: () => void;
  readonly onEnd: (record: JobRecord) => void;
  /** What is started next belongs to no job. @throws ErrnoException */
  readonly leaveCgroups: () => void;
  readonly servant: Servant | undefined;
}

/**
 * What stands between a client and a worker that does not run what it is told: the job that is run for what was asked, and no look at
 * the worker's files.
 */
export type Servant = (request: RunRequest) => Result<RunRequest, JobRefusal>;

/** Why a job is not started. */
export interface JobRefusal {
  readonly code: "busy" | "system" | "descriptor";
  readonly errno: string;
  readonly text: string;
}

/** What the log says of a job. */
export interface JobRecord {
  readonly request: RunRequest;
  readonly end: JobEnd;
  /** Why its client was gone before it had ended, if it was. */
  readonly gone: string | undefined;
  readonly tookMs: number;
}

/** Answers of ENVSETTER that are remembered, for each client. */
const MAX_REMEMBERED = 64;
const FULL: JobRefusal = { code: "busy", errno: "EAGAIN", text: "runs as many jobs as it may" };
const SIGTERM = 15;

export class Session {
  readonly #link: EndpointSocket;
  readonly #house: SessionHouse;
  readonly #jobs = new Map<number, NodeJob>();
  /** By the streams of makes that run in the client. */
  readonly #makes = new Map<number, JobMakes>();
  readonly #running = new Set<Promise<void>>();
  readonly #proofs = new Map<number, () => void>();
  readonly #envsetters = new Map<string, Promise<EnvsetterResult>>();
  readonly #token = randomBytes(12).toString("hex");
  #gone: string | undefined;
  /** Resolves when the next job may start. */
  #starts: Promise<void> = Promise.resolve();

  constructor(link: EndpointSocket, house: SessionHouse) {
    this.#link = link;
    this.#house = house;
  }

  /** Whether its client has stopped a job, and so perhaps itself. */
  get isStopped(): boolean {
    return [...this.#jobs.values()].some((job) => job.isStopped);
  }

  received(received: Received): void {
    switch (received.type) {
      case "run":
        this.#run(received);
        return;
      case "bad-request":
        this.#link.send({
          type: "refuse",
          stream: received.stream,
          code: "request",
          errno: "EINVAL",
          text: `was asked for ${received.text}`,
        });
        return;
      case "stdin":
        this.#jobs.get(received.stream)?.input(received.bytes);
        return;
      case "stdin-end":
        this.#jobs.get(received.stream)?.input("end");
        return;
      case "cancel":
        this.#jobs.get(received.stream)?.cancel(received.signal);
        return;
      case "signal":
        this.#jobs.get(received.stream)?.signal(received.signal);
        this.#watchSilence();
        return;
      case "resize":
        this.#jobs.get(received.stream)?.resize(received);
        return;
      case "unread":
        this.#jobs.get(received.stream)?.unread(received.fd);
        return;
      case "slot":
        this.#jobs.get(received.stream)?.slot();
        return;
      case "joined":
        this.#joined(received);
        return;
      case "join-refused":
        this.#jobs.get(received.stream)?.makes?.refused(received);
        return;
      case "stdout":
      case "stderr":
      case "made":
        this.#ofMake(received);
        return;
      case "credit":
        this.#credited(received.stream);
        return;
      case "fd-data":
      case "fd-end":
      case "fd-unread":
      case "fd-credit":
        this.#jobs.get(received.stream)?.further(received);
        return;
      case "prove":
        this.#prove(received);
        return;
      case "prove-end":
        this.#endProof(received.stream);
        return;
      case "ping":
        this.#answerPing(received.askedMs);
        return;
      // A pong has shown already that the client lives; the socket ends on faults and goodbyes by itself; the others are not
      // for nodes, and the tables keep them out.
      case "pong":
      case "fault":
      case "bye":
      case "hello":
      case "hello-ack":
      case "line":
      case "terminal":
      case "written":
      case "input-unread":
      case "input-offset":
      case "swept":
      case "slot-wanted":
      case "slot-back":
      case "join":
      case "line-failed":
      case "note":
      case "exit":
      case "refuse":
      case "proof":
        return;
    }
  }

  /** Sends the client away, if it is not gone already, and resolves when nothing is left that ran for it. */
  async stop(reason: string): Promise<void> {
    this.#gone ??= reason;
    const closed = this.#link.close("stopping", reason);
    for (const job of this.#jobs.values()) job.cancel(SIGTERM);
    for (const stream of this.#proofs.keys()) this.#endProof(stream);
    await Promise.all([...this.#running, closed]);
  }

  /**
   * Waits for the jobs that run, sends the client away then, and resolves when it knows how they ended, or is surely gone. New ones are
   * to be refused by now.
   */
  async drain(reason: string): Promise<void> {
    await Promise.all(this.#running);
    this.#gone ??= reason;
    for (const stream of this.#proofs.keys()) this.#endProof(stream);
    await this.#link.finish("done", reason);
  }

  #run({ stream, request: asked }: MessageOf<"run">): void {
    const isFull = this.#jobs.size + this.#proofs.size >= MAX_OPEN_STREAMS;
    const refusal = isFull ? FULL : this.#house.refusal();
    const allowed = refusal === undefined ? (this.#house.servant?.(asked) ?? ok(asked)) : fail(refusal);
    if (!allowed.ok) {
      this.#link.send({ type: "refuse", stream, ...allowed.error });
      return;
    }
    const request = allowed.value;
    const house = { ...this.#house, envsetter: (wanted: RunRequest) => this.#envsetter(wanted) };
    const job = new NodeJob(this.#link, stream, { request, house, token: `${this.#token}.${String(stream)}` });
    this.#jobs.set(stream, job);
    this.#watchSilence();
    const running = this.#follow(stream, job, request);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  async #follow(stream: number, job: NodeJob, request: RunRequest): Promise<void> {
    const startedMs = this.#house.clock.nowMs();
    this.#house.onStart();
    await this.#turnToStart();
    const end = await job.run();
    this.#jobs.delete(stream);
    this.#watchSilence();
    this.#house.onEnd({ request, end, gone: this.#gone, tookMs: this.#house.clock.nowMs() - startedMs });
  }

  /** One starts in each turn of the loop: hundreds may be asked for at once, and the client is to hear from us meanwhile. */
  async #turnToStart(): Promise<void> {
    const turn = this.#starts;
    this.#starts = turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    await turn;
  }

  #joined(message: MessageOf<"joined">): void {
    const makes = this.#jobs.get(message.job)?.makes;
    if (makes === undefined) throw new Error("internal error: a make of no job");
    this.#makes.set(message.stream, makes);
    makes.joined(message);
  }

  #ofMake(message: MessageOf<"stdout" | "stderr" | "made">): void {
    this.#makes.get(message.stream)?.received(message);
    if (message.type === "made") this.#makes.delete(message.stream);
  }

  #credited(stream: number): void {
    if (stream !== 0) this.#jobs.get(stream)?.credit();
    else for (const job of this.#jobs.values()) job.credit();
  }

  #prove(question: MessageOf<"prove">): void {
    if (this.#house.servant !== undefined) {
      void this.#link.close("forbidden", "directories are not shown here"); // nobody waits for it
      return;
    }
    const { proof, dispose } = answerProof(question);
    this.#proofs.set(question.stream, dispose);
    this.#link.send(proof);
  }

  #endProof(stream: number): void {
    this.#proofs.get(stream)?.();
    this.#proofs.delete(stream);
  }

  #answerPing(askedMs: number): void {
    const receivedMs = this.#house.clock.nowMs();
    this.#link.send({ type: "pong", stream: 0, askedMs, receivedMs, answeredMs: receivedMs, load: this.#house.load() });
  }

  /** Silence of a client matters only while something runs for it, and not while the client itself is stopped with all of it. */
  #watchSilence(): void {
    this.#link.setBusy([...this.#jobs.values()].some((job) => !job.isStopped));
  }

  /** Once for each directory and environment; one that failed is run again. */
  #envsetter(request: RunRequest): Promise<EnvsetterResult> {
    const key = keyOf(request);
    const known = this.#envsetters.get(key);
    if (known !== undefined) return known.then(({ assignments }) => ({ printed: "", assignments }));
    const { envsetter: program, directory, environment } = request;
    this.#house.leaveCgroups();
    const answer = runEnvsetter({
      program,
      directory,
      environment,
      temporaryDirectory: this.#house.temporaryDirectory,
    });
    this.#remember(key, answer);
    return answer;
  }

  #remember(key: string, answer: Promise<EnvsetterResult>): void {
    const oldest = this.#envsetters.size >= MAX_REMEMBERED ? this.#envsetters.keys().next().value : undefined;
    if (oldest !== undefined) this.#envsetters.delete(oldest);
    this.#envsetters.set(key, answer);
    const forget = (): void => void this.#envsetters.delete(key);
    // Whoever asked hears of a rejection; here it only must not be remembered.
    void answer.then(({ assignments }) => (assignments.ok ? undefined : forget()), forget);
  }
}

function keyOf({ envsetter, directory, environment }: RunRequest): string {
  return createHash("sha256")
    .update([envsetter, directory, ...environment].join("\0"), "latin1")
    .digest("base64");
}
