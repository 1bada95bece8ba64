/** A worker that a build has started for itself: it takes its key from the line to the build, serves it alone, and ends when the line does. */

import type { Readable, Writable } from "node:stream";
import { fromBytes } from "../base/latin1.js";
import { type DoorRequest, hearClient } from "../net/client-listener.js";
import { LaunchLine, type LineMessage } from "../net/launch-line.js";
import { reachBackAnywhere } from "../net/reach-back.js";
import { parseKeyFile, type WorkerKeyFile } from "../wire/key-file.js";
import { LINE_SILENCE_MS, REST_MS } from "../wire/launch-talk.js";
import { Audit } from "./audit.js";
import { House, type HouseOptions } from "./house.js";

export interface LaunchedOptions extends Omit<HouseOptions, "audit" | "debug" | "slots"> {
  readonly input: Readable;
  readonly output: Writable;
  /** Unless the build says how many. */
  readonly slots: number;
  /** Where the build may be, besides what it says itself: what our starter knows of it. */
  readonly clientAddresses: readonly string[];
  /** Why we cannot work at all; undefined: we can. */
  readonly fault: string | undefined;
  /** Takes a line that says what happens, if the build wants to know. */
  readonly log: (line: string) => void;
}

export interface LaunchedWorker {
  /** Resolves when it has ended and nothing of it is left; with how, as a phrase. */
  readonly ended: Promise<string>;
  /** Ends it, and all that it runs. */
  stop(reason: string): void;
}

/** Serves until the line ends or is silent. */
export function startLaunched(options: LaunchedOptions): LaunchedWorker {
  return new Launched(options);
}

/** What the build has said before BEGIN. */
interface Order {
  key: WorkerKeyFile | undefined;
  slots: number;
  isDebug: boolean;
}

class Launched implements LaunchedWorker {
  readonly ended: Promise<string>;
  readonly #options: LaunchedOptions;
  readonly #line: LaunchLine;
  readonly #order: Order;
  #end: (reason: string) => void = () => undefined;
  #serving: { readonly house: House; readonly door: DoorRequest } | undefined;
  #silence: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: LaunchedOptions) {
    this.#options = options;
    this.#order = { key: undefined, slots: options.slots, isDebug: false };
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#line = new LaunchLine(options.input, options.output, {
      side: "worker",
      onMessage: (message) => this.#heard(message),
      onEnd: (reason) => this.stop(reason),
    });
    this.#await(LINE_SILENCE_MS);
    if (options.fault === undefined) this.#line.say({ type: "up" });
    else this.#giveUp(options.fault);
  }

  stop(reason: string): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    clearTimeout(this.#silence);
    const stopped = this.#serving?.house.stop() ?? Promise.resolve();
    // A failure ends this process with its trace.
    void stopped.then(() => {
      this.#line.end();
      this.#options.input.destroy();
      this.#end(reason);
    });
  }

  #giveUp(text: string): void {
    this.#line.say({ type: "fault", text });
    this.stop(text);
  }

  #heard(message: LineMessage): void {
    this.#await(message.type === "rest" ? REST_MS : LINE_SILENCE_MS);
    switch (message.type) {
      case "key": {
        const key = parseKeyFile(fromBytes(message.bytes));
        if (key.ok && key.value.kind === "worker") this.#order.key = key.value;
        else this.#giveUp("its order has no key of a worker");
        return;
      }
      case "slots":
        this.#order.slots = message.count;
        return;
      case "debug":
        this.#order.isDebug = true;
        return;
      case "begin":
        this.#begin();
        return;
      case "call":
        void this.#call(message); // a failure is told
        return;
      case "open": {
        const channel = this.#line.channel(message.channel);
        if (this.#serving !== undefined) hearClient(channel, this.#serving.door, VIA_LINE);
        return;
      }
      case "beat":
        this.#line.say({ type: "beat" });
        return;
      // It has been heeded already; the others are not for workers, and the table keeps them out.
      case "rest":
      case "up":
      case "failed":
      case "fault":
        return;
    }
  }

  #begin(): void {
    const { key: credential, slots, isDebug } = this.#order;
    const { log, clock } = this.#options;
    if (credential === undefined || this.#serving !== undefined) {
      this.#giveUp("its order is not complete");
      return;
    }
    const debug = isDebug ? log : undefined;
    const audit = new Audit((line) => debug?.(line), clock);
    const house = new House({ ...this.#options, slots, audit, debug });
    const door: DoorRequest = {
      clock,
      terms: () => ({ credential, admits: () => true, trusts: undefined }),
      onGreeted: ({ stream, address, fingerprint, receivedMs }) =>
        house.serve(stream, { address, fingerprint, receivedMs }),
      onRejected: (address, reason) => audit.rejected(address, reason),
    };
    this.#serving = { house, door };
  }

  async #call({ channel, port, id, addresses }: Extract<LineMessage, { type: "call" }>): Promise<void> {
    const all = [...new Set([...this.#options.clientAddresses, ...addresses])];
    const reached = await reachBackAnywhere({ addresses: all, port, id: fromBytes(Buffer.from(id, "hex")) });
    if (!reached.ok) this.#line.say({ type: "failed", channel, text: reached.error });
    else if (this.#serving === undefined || this.#isStopping) reached.value.destroy();
    else hearClient(reached.value, this.#serving.door);
  }

  /** Nobody says goodbye when a cable is cut. */
  #await(silenceMs: number): void {
    clearTimeout(this.#silence);
    if (!this.#isStopping) this.#silence = setTimeout(() => this.#isSilent(silenceMs), silenceMs);
  }

  #isSilent(forMs: number): void {
    if (forMs < REST_MS && this.#serving?.house.isStopped === true) this.#await(REST_MS - forMs);
    else this.stop("the build is silent");
  }
}

/** The address, in logs, of a client that comes over the line. */
const VIA_LINE = "the line that started this worker";
