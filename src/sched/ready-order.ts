/** The order among jobs that wait for a slot: larger priority first, then the one submitted first. */

/** What p-queue gives and takes: a task and how it was added. */
export interface ReadyOptions {
  readonly priority?: number;
  readonly id?: string;
}

interface Waiting<Task> {
  readonly task: Task;
  readonly id: string | undefined;
  readonly sequence: number;
  priority: number;
}

/** A binary heap as p-queue's queue class. */
export class ReadyOrder<Task> {
  #heap: Waiting<Task>[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  enqueue(task: Task, options?: ReadyOptions): void {
    this.#insert({ task, id: options?.id, sequence: this.#sequence++, priority: options?.priority ?? 0 });
  }

  dequeue(): Task | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (this.#heap.length > 0) this.#sink(last);
    return first.task;
  }

  /** Those of a priority, in the order in which they would come. */
  filter(options: ReadyOptions): Task[] {
    const wanted = options.priority ?? 0;
    return this.#sorted()
      .filter(({ priority }) => priority === wanted)
      .map(({ task }) => task);
  }

  /** @throws ReferenceError when nothing of that id waits, as p-queue's own queue does */
  setPriority(id: string, priority: number): void {
    const waiting = this.#heap.find((item) => item.id === id);
    if (waiting === undefined) throw new ReferenceError(`no job of id "${id}" waits`);
    waiting.priority = priority;
    this.#rebuild(this.#heap);
  }

  remove(id: string): void {
    this.#rebuild(this.#heap.filter((item) => item.id !== id));
  }

  #sorted(): Waiting<Task>[] {
    return [...this.#heap].sort((a, b) => (comesBefore(a, b) ? -1 : 1));
  }

  #rebuild(items: readonly Waiting<Task>[]): void {
    this.#heap = [];
    for (const item of items) this.#insert(item);
  }

  #insert(item: Waiting<Task>): void {
    let place = this.#heap.length;
    for (let parent = (place - 1) >> 1; place > 0; place = parent, parent = (place - 1) >> 1) {
      const above = this.#heap[parent];
      if (above === undefined || !comesBefore(item, above)) break;
      this.#heap[place] = above;
    }
    this.#heap[place] = item;
  }

  /** Puts an item in at the top and lets it down to its place. */
  #sink(item: Waiting<Task>): void {
    let place = 0;
    for (;;) {
      const child = this.#earlierChild(place);
      const below = this.#heap[child];
      if (below === undefined || !comesBefore(below, item)) break;
      this.#heap[place] = below;
      place = child;
    }
    this.#heap[place] = item;
  }

  #earlierChild(place: number): number {
    const left = 2 * place + 1;
    const [first, second] = [this.#heap[left], this.#heap[left + 1]];
    return first !== undefined && second !== undefined && comesBefore(second, first) ? left + 1 : left;
  }
}

function comesBefore(a: Waiting<unknown>, b: Waiting<unknown>): boolean {
  return a.priority === b.priority ? a.sequence < b.sequence : a.priority > b.priority;
}
