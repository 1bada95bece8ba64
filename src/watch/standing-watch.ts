/** Watching the folder of a standing cluster: tells of its nodes as they join, drain and leave. */

import { type ClusterFolder, isGone } from "../os/cluster-folder.js";
import { errnoOf } from "../os/strerror.js";
import type { NodeRecord } from "../placement/node-record.js";

export interface StandingWatchOptions {
  readonly folder: ClusterFolder;
  /** All nodes, in the order of their names, one that is asked to drain as draining: told once at first, and whenever it is otherwise. */
  readonly onNodes: (nodes: readonly NodeRecord[]) => void;
  /** For `--debug`: a record that cannot be used. */
  readonly onNote: (text: string) => void;
  /** How often it is looked at. */
  readonly lookMs?: number;
}

const LOOK_MS = 1000;

interface Known {
  readonly stamp: string;
  /** undefined: it cannot be used. */
  readonly record: NodeRecord | undefined;
}

/**
 * Looks once a second. Nothing that a system tells by itself would do: a machine hears nothing of what another has changed on a network
 * file system, and its times of single files are remembered for up to a minute there, not so what a folder holds that is read anew.
 */
export class StandingWatch {
  readonly #options: StandingWatchOptions;
  readonly #known = new Map<string, Known>();
  #told: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void>;
  #isClosed = false;

  constructor(options: StandingWatchOptions) {
    this.#options = options;
    this.#looking = this.#look();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const nodes = await this.#nodes();
    if (this.#isClosed) return;
    if (nodes !== undefined) this.#tell(nodes);
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, this.#options.lookMs ?? LOOK_MS);
  }

  /** undefined: the folder cannot be read, and what it showed last counts. */
  async #nodes(): Promise<readonly NodeRecord[] | undefined> {
    const { folder } = this.#options;
    try {
      const { stamps, asked } = await folder.look();
      for (const name of this.#known.keys()) if (!stamps.has(name)) this.#known.delete(name);
      const records = [...stamps].flatMap(([name, stamp]) => this.#record(name, stamp) ?? []);
      const isAsked = (record: NodeRecord): boolean => asked.has(record.name) && folder.isMeant(record);
      return records.map((record) =>
        isAsked(record) ? { ...record, drainingMs: record.drainingMs ?? record.sinceMs } : record,
      );
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return isGone(error) || this.#told === undefined ? [] : undefined;
    }
  }

  #record(name: string, stamp: string): NodeRecord | undefined {
    const known = this.#known.get(name);
    if (known?.stamp === stamp) return known.record;
    const read = this.#options.folder.readNode(name);
    if (!read.ok) this.#options.onNote(read.error);
    const record = read.ok ? read.value : undefined;
    this.#known.set(name, { stamp, record });
    return record;
  }

  #tell(nodes: readonly NodeRecord[]): void {
    const state = nodes.map(({ id, drainingMs }) => (drainingMs === undefined ? id : `${id}-`)).join(" ");
    if (state === this.#told) return;
    this.#told = state;
    this.#options.onNodes(nodes);
  }
}
