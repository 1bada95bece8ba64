/** Further slots for one job on the node: a FIFO for its programs, and what is said to the client of it. */

import type { EndpointSocket } from "../net/endpoint-socket.js";
import type { JobFifo, JobFifos } from "../os/token-fifo.js";
import { jobserverStyleOf, withFifo } from "../sched/jobserver-auth.js";
import { CALM_MS, LeaseKeeper } from "../sched/lease-keeper.js";

export interface JobSlotsRequest {
  readonly link: EndpointSocket;
  readonly stream: number;
  readonly fifos: JobFifos;
  readonly environment: readonly string[];
  /** The job has so many more of the client's slots. */
  readonly onLeases: (change: number) => void;
}

/** @returns undefined when the environment names no FIFO, or none can be had here */
export function openJobSlots(request: JobSlotsRequest): JobSlots | undefined {
  if (jobserverStyleOf(request.environment) !== "fifo") return undefined;
  const fifo = request.fifos.open();
  return fifo && new JobSlots(fifo, request);
}

export class JobSlots {
  /** With the FIFO in the place of the client's. */
  readonly environment: readonly string[];
  readonly #fifo: JobFifo;
  readonly #keeper: LeaseKeeper;
  readonly #onLeases: JobSlotsRequest["onLeases"];
  #leases = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = true;

  constructor(fifo: JobFifo, { link, stream, environment, onLeases }: JobSlotsRequest) {
    this.environment = withFifo(environment, fifo.path);
    this.#fifo = fifo;
    this.#onLeases = onLeases;
    this.#keeper = new LeaseKeeper(fifo, {
      ask: () => link.send({ type: "slot-wanted", stream }),
      giveBack: () => {
        this.#count(-1);
        link.send({ type: "slot-back", stream });
      },
    });
    this.#lookIn(CALM_MS);
  }

  /** The client grants the slot that was asked for. */
  granted(): void {
    if (!this.#isOpen) return; // it crossed the end of the last line; the job's exit gives it back
    this.#count(1);
    this.#lookIn(this.#keeper.granted(performance.now()));
  }

  /** The last line has ended. What is leased goes back with the job's exit. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#count(-this.#leases);
    this.#fifo.close();
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lookIn(this.#keeper.look(performance.now())), ms);
  }

  #count(change: number): void {
    if (change === 0) return;
    this.#leases += change;
    this.#onLeases(change);
  }
}
