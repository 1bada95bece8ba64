/** How many connections may be on their way to being let in. */

const MAX_IN_ALL = 64;
const MAX_PER_ADDRESS = 8;

/** Counts connections that have not said who they are. */
export class PreAuth {
  readonly #perAddress = new Map<string, number>();
  #inAll = 0;

  /** @returns undefined when there are too many already; else a function to call once when this one is through or gone */
  admit(address: string): (() => void) | undefined {
    const here = this.#perAddress.get(address) ?? 0;
    if (this.#inAll >= MAX_IN_ALL || here >= MAX_PER_ADDRESS) return undefined;
    this.#inAll++;
    this.#perAddress.set(address, here + 1);
    let isCounted = true;
    return () => {
      if (!isCounted) return;
      isCounted = false;
      this.#leave(address);
    };
  }

  #leave(address: string): void {
    this.#inAll--;
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }
}
