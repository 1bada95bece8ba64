/** Where clients are served: answers their greetings, runs their jobs as this process's user, and lets them finish or ends them. */

import { freemem, loadavg } from "node:os";
import type { Duplex } from "node:stream";
import { EndpointSocket } from "../net/endpoint-socket.js";
import type { WallClock } from "../net/node-connection.js";
import { type CgroupHouse, openCgroupHouse } from "../os/cgroup.js";
import { Guardian } from "../os/guardian.js";
import { openFilesOfOurs } from "../os/process-settings.js";
import type { Spawner } from "../os/spawn.js";
import { JoinPoint } from "../os/join-point.js";
import { JobFifos } from "../os/token-fifo.js";
import { CLIENT_SILENCE_MS, GRACE_MS, VERSION } from "../wire/limits.js";
import type { LoadReport, MessageOf } from "../wire/message.js";
import type { Audit, JobOwner } from "./audit.js";
import { type JobLimits, LimitWatch } from "./limit-watch.js";
import { type JobRecord, type JobRefusal, type Servant, Session } from "./session.js";

export interface HouseOptions {
  readonly name: string;
  readonly slots: number;
  readonly clock: WallClock;
  readonly spawner: Spawner;
  readonly temporaryDirectory: string;
  /** Whom recipes run as: this process's user. */
  readonly uid: number;
  readonly audit: Audit;
  /** For people; undefined unless wanted. */
  readonly debug: ((line: string) => void) | undefined;
  /** What one job may have. */
  readonly limits: JobLimits;
  /** Called whenever another number of jobs runs here. */
  readonly onRunning?: () => void;
  /** Jobs that run on this machine for other processes of this worker. */
  readonly runningElsewhere?: () => number;
  /** How long processes have to end by themselves, in milliseconds. */
  readonly graceMs?: number;
  readonly silenceMs?: number;
}

/** What was found out of a client before it came here. */
export interface Peer {
  readonly address: string;
  readonly fingerprint: string;
  /** When its greeting arrived: by that it reckons how far our clock is off, however long it took to come here. */
  readonly receivedMs: number;
  /** Jobs that its credential may have at once, over all its connections. */
  readonly maxJobs?: number | undefined;
  /** For one that is not given what it asks for; then it does not matter which user it is. */
  readonly servant?: Servant | undefined;
}

/** What jobs leave to clients who come, to questions, and to ENVSETTER. */
const DESCRIPTORS_IN_RESERVE = 16;

/** How old what is told of the machine may be; the kernel reckons its load every 5 s. */
const MACHINE_MS = 250;

export class House {
  readonly #options: HouseOptions;
  readonly #guardian: Guardian;
  readonly #cgroups: CgroupHouse | undefined = openCgroupHouse();
  readonly #maxDescriptor = openFilesOfOurs() - DESCRIPTORS_IN_RESERVE;
  readonly #limits: LimitWatch | undefined;
  readonly #sessions = new Set<Session>();
  /** By credentials. */
  readonly #jobsOf = new Map<string, JobCount>();
  readonly #fifos: JobFifos;
  #joinPoint: JoinPoint | undefined;
  #running = 0;
  /** Of those that run, such as wait for makes in their clients. */
  #waiting = 0;
  /** Slots that jobs have of their clients beside their own. */
  #leased = 0;
  #machine = { loadAverage: 0, freeMemoryBytes: 0, atMs: Number.NEGATIVE_INFINITY };
  #isDraining = false;
  /** Why nobody gets a job any more, while questions are still answered. */
  #resting: string | undefined;

  constructor(options: HouseOptions) {
    this.#options = options;
    const { limits } = options;
    const isLimited = limits.memoryBytes !== undefined || limits.processes !== undefined;
    this.#limits = isLimited ? new LimitWatch(limits) : undefined;
    const { temporaryDirectory } = options;
    this.#fifos = new JobFifos(temporaryDirectory);
    const leavings = this.#fifos.directory;
    this.#guardian = new Guardian({ cgroups: this.#cgroups, temporaryDirectory, leavings });
  }

  /** Serves a client that has been let in; the first message of its stream is its greeting. */
  serve(stream: Duplex, peer: Peer): void {
    let session: Session | undefined;
    let who = "";
    const { clock, silenceMs = CLIENT_SILENCE_MS, debug, audit } = this.#options;
    const link = new EndpointSocket(stream, {
      role: "node",
      clock,
      silenceMs,
      onReceived: (received) => {
        if (received.type === "fault") {
          const { address, fingerprint } = peer;
          audit.rejected(address, `it broke the protocol: ${received.text}`, { fingerprint });
        }
        if (session !== undefined) session.received(received);
        else if (received.type === "hello") {
          who = received.name;
          session = this.#letIn(received, link, peer);
        }
      },
      onClosed: ({ reason }) => {
        if (session === undefined) return;
        const gone = session;
        void gone.stop(reason).then(() => this.#sessions.delete(gone)); // nobody waits for a client that is gone
        debug?.(`${who} (${peer.address}) is gone: ${reason}`);
      },
    });
    stream.resume();
  }

  /** Takes no new jobs, for a reason that clients are told; whoever comes is let in, and may ask how much runs here. */
  rest(reason: string): void {
    this.#resting = reason;
  }

  /** Takes no new clients and jobs, and resolves when those that run have ended and their clients know. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([...this.#sessions].map((session) => session.drain(this.#resting ?? STOPPED)));
    this.#close();
  }

  /** Sends all clients away, ends their jobs, and resolves when none of their processes is left. */
  async stop(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([...this.#sessions].map((session) => session.stop(STOPPED)));
    this.#close();
  }

  #close(): void {
    this.#joinPoint?.close();
    this.#fifos.close();
    this.#cgroups?.close();
  }

  /** Decides on a client that holds a key, and answers it. */
  #letIn(hello: MessageOf<"hello">, link: EndpointSocket, peer: Peer): Session | undefined {
    const { clock, name, uid, audit, debug } = this.#options;
    const { receivedMs } = peer;
    const objection = this.#objectionTo(hello, peer);
    if (objection !== undefined) {
      void link.close(objection.code, objection.text); // nobody waits for it
      audit.rejected(peer.address, `${hello.name}: ${objection.text}`);
      return undefined;
    }
    const session = this.#newSession(link, { ...peer, who: hello.name });
    const { askedMs } = hello;
    const slots = Math.min(this.#options.slots, peer.maxJobs ?? Number.POSITIVE_INFINITY);
    const times = { askedMs, receivedMs, answeredMs: clock.nowMs() };
    link.send({ type: "hello-ack", stream: 0, version: VERSION, name, slots, uid, load: this.#load(), ...times });
    debug?.(`${hello.name} (${peer.address}) is in`);
    return session;
  }

  #objectionTo({ version, uid }: MessageOf<"hello">, { servant }: Peer): Objection | undefined {
    if (this.#isDraining) return { code: "stopping", text: STOPPED };
    if (version !== VERSION)
      return { code: "version", text: `version ${String(VERSION)} is spoken here, not ${String(version)}` };
    if (servant !== undefined || uid === this.#options.uid) return undefined;
    const text = `recipes run here as user number ${String(this.#options.uid)}, not as the client's, ${String(uid)}`;
    return { code: "forbidden", text };
  }

  /** Jobs that run here, and do not wait for makes in their clients. */
  get running(): number {
    return this.#running - this.#waiting;
  }

  /** Whether clients are connected. */
  get hasClients(): boolean {
    return this.#sessions.size > 0;
  }

  /** Whether a client has stopped a job, and so perhaps itself. */
  get isStopped(): boolean {
    return [...this.#sessions].some((session) => session.isStopped);
  }

  #newSession(link: EndpointSocket, peer: Peer & JobOwner): Session {
    const { clock, spawner, temporaryDirectory, graceMs = GRACE_MS } = this.#options;
    const session = new Session(link, {
      spawner,
      guard: (mark, group) => this.#guardian.watch(mark, group),
      clock,
      temporaryDirectory,
      graceMs,
      cgroup: () => this.#cgroups?.open(),
      leaveCgroups: () => this.#cgroups?.leave(),
      maxDescriptor: this.#maxDescriptor,
      limits: this.#limits,
      fifos: this.#fifos,
      onLeases: (change) => (this.#leased += change),
      joinPoint: () => (this.#joinPoint ??= this.#openJoinPoint()),
      onWaits: (waits) => this.#countWaiting(peer, waits ? 1 : -1),
      load: () => this.#load(),
      servant: peer.servant,
      refusal: () => this.#refusal(peer),
      onStart: () => this.#count(peer, 1),
      onEnd: (record) => {
        this.#count(peer, -1);
        this.#logJob(peer, record);
      },
    });
    this.#sessions.add(session);
    return session;
  }

  /** What it starts belongs to no job. */
  #openJoinPoint(): JoinPoint | undefined {
    this.#cgroups?.leave();
    return JoinPoint.open(this.#options.temporaryDirectory);
  }

  /** Why a client may not have another job. */
  #refusal({ fingerprint, maxJobs }: Peer): JobRefusal | undefined {
    const stopping = this.#isDraining ? STOPPED : this.#resting;
    if (stopping !== undefined) return { code: "system", errno: "ESHUTDOWN", text: stopping };
    const { running, waiting } = this.#jobsOf.get(fingerprint) ?? NO_JOBS;
    // Whoever says that its jobs wait has no more than twice as many by that; but one of them has to have room for what it waits for.
    if (maxJobs === undefined || running - Math.min(waiting, maxJobs) < maxJobs) return undefined;
    return { code: "busy", errno: "EAGAIN", text: `runs the ${String(maxJobs)} jobs that this credential may have` };
  }

  #count({ fingerprint }: Peer, change: 1 | -1): void {
    this.#running += change;
    const { running, waiting } = this.#jobsOf.get(fingerprint) ?? NO_JOBS;
    this.#jobsOf.set(fingerprint, { running: running + change, waiting });
    this.#options.onRunning?.();
  }

  #countWaiting({ fingerprint }: Peer, change: 1 | -1): void {
    this.#waiting += change;
    const { running, waiting } = this.#jobsOf.get(fingerprint) ?? NO_JOBS;
    this.#jobsOf.set(fingerprint, { running, waiting: waiting + change });
    this.#options.onRunning?.();
  }

  #load(): LoadReport {
    const atMs = performance.now();
    if (atMs - this.#machine.atMs > MACHINE_MS)
      this.#machine = { loadAverage: loadavg()[0] ?? 0, freeMemoryBytes: freemem(), atMs };
    const { loadAverage, freeMemoryBytes } = this.#machine;
    return {
      running: this.running + this.#leased + (this.#options.runningElsewhere?.() ?? 0),
      loadAverage,
      freeMemoryBytes,
    };
  }

  #logJob({ who, address, fingerprint }: JobOwner, record: JobRecord): void {
    const { audit, debug, uid } = this.#options;
    audit.job({ who, address, fingerprint }, record, uid);
    const { request, end, gone, tookMs } = record;
    const how = end.kind === "ended" ? JSON.stringify(end.status) : `refused: ${end.text}`;
    const why = gone === undefined ? "" : ` (its client is gone: ${gone})`;
    debug?.(`${who}: ${request.target} in ${request.directory}: ${how}${why}, ${tookMs.toFixed(0)} ms`);
  }
}

interface JobCount {
  readonly running: number;
  /** Of them, such as wait for makes in their client. */
  readonly waiting: number;
}

const NO_JOBS: JobCount = { running: 0, waiting: 0 };

interface Objection {
  readonly code: "version" | "forbidden" | "stopping";
  readonly text: string;
}

const STOPPED = "the worker was stopped";
