/** One use of a service that is found by announcement: what `cexec` does. */

import type { Cancellation } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import { nodeId } from "../base/ids.js";
import { fail, ok, type Result } from "../base/result.js";
import type { SignalSource } from "../base/signals.js";
import { RemoteRunner } from "../exec/remote.js";
import { type Announcer, type FoundWorker, startAnnouncer } from "../net/announcer.js";
import type { WallClock } from "../net/node-connection.js";
import type { Launched } from "../os/process-settings.js";
import type { CompletedStatus } from "../wire/datagram.js";
import type { GroupAddress } from "../wire/group.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import { FurtherDescriptors } from "./further-descriptors.js";
import { jobOf } from "./mexec.js";
import { RemoteInput } from "./remote-input.js";
import { OwnDescriptors } from "./stand-in.js";

export interface ServiceCallRequest {
  readonly credential: ClientKeyFile;
  readonly group: readonly GroupAddress[];
  /** Where workers may call back; none: any port. */
  readonly ports: readonly number[];
  readonly admits: (address: string) => boolean;
  /** What the service is told of us, `PEER_NAME=value` each. */
  readonly told: readonly string[];
  /** A worker must be found within so long; undefined: some day. In milliseconds. */
  readonly findWithinMs: number | undefined;
  /** A worker that was silent for so long is lost, in milliseconds. */
  readonly silenceMs: number;
  readonly clock: WallClock;
  readonly launched: Launched;
  /** Signals that the program is to get. */
  readonly signals: SignalSource;
  /** Our descriptors above 2 that the program has too, in order. */
  readonly further: readonly number[];
  /** Called with the way to take our terminal again and to give it back. */
  readonly onStandIn: (standIn: OwnDescriptors) => void;
  /** Output could not be written; EPIPE: because nobody reads it. */
  readonly onLost: (fd: number, errno: string) => void;
  /** Input could not be read any further while the program may have wanted it. */
  readonly onFailed: (fd: number, errno: string) => void;
  /** Something that people may want to know. */
  readonly onNote: (text: string) => void;
  readonly cancel: Cancellation;
}

/**
 * Finds a worker and has its program run with our descriptors. A worker that fails before the program has started is replaced by
 * another; one that is lost later ends the call, for nobody knows how far it came.
 *
 * The failure is a phrase: nobody was found, or nothing could be asked.
 */
export async function callService(request: ServiceCallRequest): Promise<Result<ExitStatus, string>> {
  const found = new Queue();
  const announcer = await startAnnouncer({
    ...request,
    wanted: "service",
    onWorker: (worker) => found.add(worker),
    onFailure: (address, reason) => request.onNote(`${address} called back, and was not taken: ${reason}`),
  });
  if (!announcer.ok) return announcer;
  try {
    return await firstToRun(request, announcer.value, found);
  } finally {
    announcer.value.close();
    found.close();
  }
}

async function firstToRun(
  request: ServiceCallRequest,
  announcer: Announcer,
  found: Queue,
): Promise<Result<ExitStatus, string>> {
  const { launched, signals, onLost, onFailed, onStandIn, cancel, findWithinMs } = request;
  const closed = launched.closed ?? [];
  using standIn = new OwnDescriptors({ closed, signals, onLost });
  onStandIn(standIn);
  const further = new FurtherDescriptors({ numbers: request.further, standIn, onLost, onFailed });
  const input = new RemoteInput(0, {
    kind: "terminal",
    isClosed: closed.includes(0),
    onFailed: (errno) => onFailed(0, errno),
  });
  const patience = findWithinMs === undefined ? undefined : AbortSignal.timeout(findWithinMs);
  try {
    for (;;) {
      announcer.announce();
      const worker = await found.next(patience, cancel);
      if (worker === undefined) return fail(cancel.aborted ? "interrupted" : "no worker answers");
      await announcer.pause(worker.id);
      const status = await run(request, { worker, input, standIn, further });
      await Promise.all([standIn.idle(), further.idle()]);
      await worker.connection.close();
      if (status.kind !== "lost") {
        await announcer.completed(nameOf(worker), toldOf(status));
        return ok(status);
      }
      request.onNote(`${worker.connection.node.name} (${worker.address}): ${status.reason}`);
      if (status.started || cancel.aborted) {
        await announcer.complain(nameOf(worker), status.reason);
        return ok(status);
      }
    }
  } finally {
    input.close();
    further.close();
  }
}

interface Run {
  readonly worker: FoundWorker;
  readonly input: RemoteInput;
  readonly standIn: OwnDescriptors;
  readonly further: FurtherDescriptors;
}

async function run(request: ServiceCallRequest, { worker, input, standIn, further }: Run): Promise<ExitStatus> {
  const { told, clock, cancel } = request;
  const runner = new RemoteRunner({
    node: nodeId(worker.connection.node.name),
    connection: worker.connection,
    umask: 0,
    envsetter: "",
    nowMs: () => clock.nowMs(),
    input: (job, plain) => input.lease(job, plain),
    standIn,
    further,
  });
  const program = { file: "service", arguments: [], environment: told, directory: "/" };
  const { status } = await runner.run(jobOf(program), () => undefined, cancel);
  return status;
}

function nameOf({ id, address, connection }: FoundWorker) {
  return { id, address, worker: connection.node.name };
}

function toldOf(status: Exclude<ExitStatus, { readonly kind: "lost" }>): CompletedStatus {
  return status.kind === "unstarted" ? { kind: "exited", code: status.code } : status;
}

/** Workers that have been found, in their order. */
class Queue {
  readonly #workers: FoundWorker[] = [];
  #wake: () => void = () => undefined;

  add(worker: FoundWorker): void {
    this.#workers.push(worker);
    this.#wake();
  }

  /** The next that is still there; undefined when patience is over, or all is cancelled. */
  async next(patience: AbortSignal | undefined, cancel: Cancellation): Promise<FoundWorker | undefined> {
    const wake = (): void => this.#wake();
    patience?.addEventListener("abort", wake, { once: true });
    cancel.addEventListener("abort", wake, { once: true });
    try {
      while (patience?.aborted !== true && !cancel.aborted) {
        const worker = this.#workers.shift();
        if (worker?.connection.isOpen === true) return worker;
        if (worker === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      return undefined;
    } finally {
      patience?.removeEventListener("abort", wake);
      cancel.removeEventListener("abort", wake);
    }
  }

  /** Those who were not needed are sent away. */
  close(): void {
    for (const { connection } of this.#workers.splice(0)) void connection.close(); // nobody waits for it
  }
}
