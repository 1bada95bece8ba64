/** What ending the jobs of nodes came to, told once: how many processes were there and are gone, and how many are left. */

import type { NodeId } from "../base/ids.js";

export class SweepReport {
  readonly #nodes = new Set<NodeId>();
  #ended = 0;
  #left = 0;

  readonly add = (node: NodeId, { ended, left }: { readonly ended: number; readonly left: number }): void => {
    this.#nodes.add(node);
    this.#ended += ended;
    this.#left += left;
  };

  get isClean(): boolean {
    return this.#left === 0;
  }

  /** undefined: nothing had to be ended. */
  get text(): string | undefined {
    if (this.#nodes.size === 0) return undefined;
    const where = counted(this.#nodes.size, "node", "nodes");
    return `${counted(this.#ended, "process", "processes")} on ${where} ended, ${String(this.#left)} left`;
  }
}

function counted(count: number, one: string, many: string): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}
