/** The nodes that a session does not use now, why, and what the user has read of it. */

import type { NodeId } from "../base/ids.js";
import type { Observer } from "../events/event.js";
import type { LeftOut } from "./cluster-link.js";

interface Complaint extends LeftOut {
  /** Whether the user has read it. */
  told: boolean;
}

const NAMED_COMPLAINTS = 3;

export class LeftOutNodes {
  readonly #observe: Observer;
  readonly #complaints = new Map<NodeId, Complaint>();

  constructor(observe: Observer) {
    this.#observe = observe;
  }

  /** Whether one of them answered, and someone has to put something right. */
  get someIsUnfit(): boolean {
    return [...this.#complaints.values()].some(({ kind }) => kind === "unfit");
  }

  /** The later reason counts. */
  add(node: NodeId, fault: LeftOut): void {
    this.#complaints.set(node, { ...fault, told: false });
  }

  /** @returns whether the user has read of it */
  remove(node: NodeId): boolean {
    const complaint = this.#complaints.get(node);
    this.#complaints.delete(node);
    return complaint?.told === true;
  }

  /** Tells the user what he has not read yet. */
  tell(): void {
    for (const [node, complaint] of this.#complaints) {
      if (!complaint.told) this.#observe({ type: "node-left-out", node, reason: complaint.reason });
      complaint.told = true;
    }
  }

  /** What is wrong with the first few, and with how many more something is; empty when nothing is known to be. */
  summary(): string {
    const named = [...this.#complaints]
      .slice(0, NAMED_COMPLAINTS)
      .map(([node, { reason }]) => `${String(node)}: ${reason}`);
    const more = this.#complaints.size - named.length;
    return [...named, ...(more > 0 ? [`and ${String(more)} more`] : [])].join("; ");
  }
}
