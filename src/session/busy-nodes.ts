/** The nodes that were too busy for a job just now: they are left in peace for a while, and named when that goes on and on. */

import type { NodeId } from "../base/ids.js";
import type { Observer } from "../events/event.js";
import type { Later } from "./node-calls.js";

/** A node that was too busy for a job is not asked for so long, unless one of our jobs ends there. */
const REST_MS = 1000;
/** After so many rests without a job that ended well in between, the user is told what he waits for. */
const RESTS_IN_SILENCE = 10;

interface Rest {
  /** The way to stop waiting; undefined: it may be asked now. */
  stop: (() => void) | undefined;
  rests: number;
}

export class BusyNodes {
  readonly #later: Later;
  readonly #observe: Observer;
  readonly #nodes = new Map<NodeId, Rest>();

  constructor({ later, observe }: { readonly later: Later; readonly observe: Observer }) {
    this.#later = later;
    this.#observe = observe;
  }

  /** Whether it is not to be asked now. */
  isResting(node: NodeId): boolean {
    return this.#nodes.get(node)?.stop !== undefined;
  }

  /** It had no room for a job; `wake` is called when it may be asked again. */
  rest(node: NodeId, reason: string, wake: () => void): void {
    const known = this.#nodes.get(node) ?? { stop: undefined, rests: 0 };
    this.#nodes.set(node, known);
    if (known.stop === undefined && ++known.rests === RESTS_IN_SILENCE) {
      const text = `node ${node} ${reason}: it is asked again each second`;
      this.#observe({ type: "message", stream: "stderr", text });
    }
    known.stop?.();
    known.stop = this.#later(REST_MS, () => {
      known.stop = undefined;
      wake();
    });
  }

  /** A job ended well there, or it is gone: it may be asked at once. */
  forget(node: NodeId): void {
    this.#nodes.get(node)?.stop?.();
    this.#nodes.delete(node);
  }

  close(): void {
    for (const node of this.#nodes.keys()) this.forget(node);
  }
}
