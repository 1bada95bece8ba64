/** How long each target's recipe took when it ran last: what the order among jobs goes by. */

/** One record a line: milliseconds, directory (from the session's first), target; the oldest first. */
const HEADER = "mpmake history 1\n";
const RECORD = /^(\d{1,9})\t([^\t\n]*)\t([^\n]+)$/;
/** As many digits as a record has. */
const MAX_MS = 999_999_999;
/** How much a new duration counts against the one that is known. */
const NEW_WEIGHT = 0.5;

export class JobHistory {
  /** By directory and target; in the order of their last change. */
  readonly #known = new Map<string, number>();
  readonly #changed = new Set<string>();
  #totalMs = 0;

  /** @param text - of the file, one char a byte; what is no record is passed over */
  constructor(text: string) {
    this.#read(text);
  }

  /** Whether anything is known. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** Whether there is something new to be written. */
  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** How long jobs usually take, in milliseconds. */
  get typicalMs(): number {
    return this.isEmpty ? 0 : this.#totalMs / this.#known.size;
  }

  /** In milliseconds; undefined: nothing is known of it. */
  msOf(directory: string, target: string): number | undefined {
    return this.#known.get(`${directory}\t${target}`);
  }

  /** A job has ended well. */
  took(directory: string, target: string, ms: number): void {
    if (/[\t\n]/.test(directory) || target === "" || target.includes("\n")) return; // no line can hold it
    const key = `${directory}\t${target}`;
    const before = this.#known.get(key);
    this.#set(key, Math.round(before === undefined ? ms : before + NEW_WEIGHT * (ms - before)));
    this.#changed.add(key);
  }

  /**
   * The file's next text: what others have written meanwhile, with what is new here. The oldest records go first when there are more
   * than there is room for.
   */
  mergedInto(current: string, maxBytes: number): string {
    const merged = new JobHistory(current);
    for (const key of this.#changed) merged.#set(key, this.#known.get(key) ?? 0);
    const lines = [...merged.#known].map(([key, ms]) => `${String(ms)}\t${key}\n`);
    let bytes = HEADER.length;
    let first = lines.length;
    for (; first > 0; first--) {
      bytes += lines[first - 1]?.length ?? 0;
      if (bytes > maxBytes) break;
    }
    return HEADER + lines.slice(first).join("");
  }

  #read(text: string): void {
    if (!text.startsWith(HEADER)) return;
    for (const line of text.slice(HEADER.length).split("\n")) {
      const [, ms, directory, target] = RECORD.exec(line) ?? [];
      if (directory !== undefined && target !== undefined) this.#set(`${directory}\t${target}`, Number(ms));
    }
  }

  #set(key: string, ms: number): void {
    const kept = Math.min(ms, MAX_MS);
    this.#totalMs += kept - (this.#known.get(key) ?? 0);
    this.#known.delete(key);
    this.#known.set(key, kept);
  }
}
