/** How many datagrams of one source are looked at closely: checking a proof costs something, and anybody can send. */

const PER_SECOND = 20;
const AT_ONCE = 40;
const MAX_SOURCES = 4096;

interface Budget {
  left: number;
  atMs: number;
}

/** A bucket of tokens for each source; the sources that were silent longest are forgotten first. */
export class SourceBudget {
  readonly #budgets = new Map<string, Budget>();

  /** @returns whether this one may be looked at */
  take(source: string, nowMs: number): boolean {
    const known = this.#budgets.get(source);
    const budget = known ?? { left: AT_ONCE, atMs: nowMs };
    budget.left = Math.min(AT_ONCE, budget.left + (Math.max(0, nowMs - budget.atMs) / 1000) * PER_SECOND);
    budget.atMs = nowMs;
    this.#budgets.delete(source);
    if (known === undefined && this.#budgets.size >= MAX_SOURCES) {
      const [oldest] = this.#budgets.keys();
      if (oldest !== undefined) this.#budgets.delete(oldest);
    }
    this.#budgets.set(source, budget);
    if (budget.left < 1) return false;
    budget.left--;
    return true;
  }
}
