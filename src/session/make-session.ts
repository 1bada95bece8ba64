/** One session: the make that the user started, with all its sub-makes that are parts of this process, and what they have in common. */

import { nameBelow } from "../base/is-below.js";
import { invocationId, type InvocationId } from "../base/ids.js";
import type { Observer } from "../events/event.js";
import type { JoinPoint } from "../os/join-point.js";
import { OutputLocks } from "../os/output-lock.js";
import { openFilesOfOurs } from "../os/process-settings.js";
import type { ClusterSettings } from "./config.js";
import type { OnStops } from "./stops.js";
import type { HistoryFile, HistoryWish } from "./history-file.js";
import type { SessionClusters } from "./session-clusters.js";
import type { SessionOrder } from "./session-order.js";

export interface MakeSessionOptions {
  /** Of the first make, absolute. */
  readonly directory: string;
  /** What the first make asks for. */
  readonly settings: ClusterSettings | undefined;
  /** Of the first make: what nodes have to say is said once. */
  readonly observe: Observer;
  /** Takes what happens in the makes below, for the first one's progress, report and timeline. */
  readonly watch: Observer;
  readonly onStops: OnStops;
  /** `--explain`, for all makes: which targets; empty: all; undefined: none. */
  readonly explained: string | undefined;
  /** undefined: none is kept. */
  readonly history: HistoryWish | undefined;
}

let invocations = 0;

/** What a make takes at most: what its launcher has given, and a command's pipe. */
const DESCRIPTORS_OF_PART = 8;
/** For what the first make and Node have open. */
const DESCRIPTORS_IN_RESERVE = 32;

export class MakeSession {
  readonly #options: MakeSessionOptions;
  readonly outputLocks = new OutputLocks();
  #clusters: Promise<SessionClusters> | undefined;
  #joinPoint: Promise<JoinPoint | undefined> | undefined;
  #history: HistoryFile | undefined;
  /** How many makes are a part of another's process. */
  #parts = 0;
  #openFiles: number | undefined;
  /** By what is known of earlier sessions; undefined: no history is kept. */
  order: SessionOrder | undefined;

  private constructor(options: MakeSessionOptions) {
    this.#options = options;
  }

  /** @throws UserError for a history that cannot be read */
  static async open(options: MakeSessionOptions): Promise<MakeSession> {
    const session = new MakeSession(options);
    if (options.history !== undefined) await session.#openHistory(options.history);
    return session;
  }

  get watch(): Observer {
    return this.#options.watch;
  }

  /** Whether it is to be said why a target of a make in that directory is remade. @returns its name from the first make's */
  explains(directory: string, target: string): string | undefined {
    const { explained, directory: top } = this.#options;
    if (explained === undefined) return undefined;
    const place = nameBelow(directory, top);
    const name = place === "" ? target : `${place}/${target}`;
    return ["", name, target].includes(explained) ? name : undefined;
  }

  newInvocation(): InvocationId {
    return invocationId(invocations++);
  }

  /** Loaded when somebody names nodes. */
  clusters(): Promise<SessionClusters> {
    this.#clusters ??= import("./session-clusters.js").then(
      ({ SessionClusters }) => new SessionClusters({ ...this.#options, tookMs: (job) => this.order?.tookMs(job) }),
    );
    return this.#clusters;
  }

  /** Whether one more make may be a part of this process: it may have open no more files than one. */
  get hasRoom(): boolean {
    this.#openFiles ??= openFilesOfOurs();
    return (this.#parts + 1) * DESCRIPTORS_OF_PART + DESCRIPTORS_IN_RESERVE <= this.#openFiles;
  }

  /** Runs a make as a part of this process. */
  async runPart<T>(run: () => Promise<T>): Promise<T> {
    this.#parts++;
    try {
      return await run();
    } finally {
      this.#parts--;
    }
  }

  /** Where launchers of all makes ask; loaded when there are recipes that run makes. */
  joinPoint(temporaryDirectory: string): Promise<JoinPoint | undefined> {
    this.#joinPoint ??= import("../os/join-point.js").then(({ JoinPoint }) => JoinPoint.open(temporaryDirectory));
    return this.#joinPoint;
  }

  /** The first make has ended. */
  async close(): Promise<void> {
    (await this.#joinPoint)?.close();
    await (await this.#clusters)?.close();
    const { history } = this.#options;
    if (this.#history === undefined || history === undefined) return;
    const { saveHistory } = await import("./history-file.js");
    const trouble = saveHistory(this.#history, history);
    if (trouble !== undefined)
      this.#options.observe({ type: "message", stream: "stderr", text: `warning: ${trouble}` });
  }

  async #openHistory(wish: HistoryWish): Promise<void> {
    const [{ openHistory }, { SessionOrder }] = await Promise.all([
      import("./history-file.js"),
      import("./session-order.js"),
    ]);
    this.#history = openHistory(wish);
    if (this.#history !== undefined) this.order = new SessionOrder(this.#history.history, wish.directory);
  }
}
