/** The nodes of a standing cluster as a placement hears of them: who comes and who goes, while the session lasts. */

import { nodeId, type NodeId } from "../base/ids.js";
import { fail, ok, type Result } from "../base/result.js";
import { fromUnicode } from "../os/bytes.js";
import type { ClusterFolder } from "../os/cluster-folder.js";
import type { NodeAddress, StandingAddress } from "../placement/node-directory.js";
import { DRAINING, type NodeRecord } from "../placement/node-record.js";
import { StandingWatch } from "../watch/standing-watch.js";
import type { Roll, RollListener } from "./cluster-link.js";
import type { ClusterSettings } from "./config.js";

/** Where a node is that has said this of itself. */
export function addressOf({ name, addresses, port, slots }: NodeRecord): StandingAddress {
  return { kind: "standing", node: nodeId(name), hosts: addresses, port, slots, speed: 1 };
}

/** What else is told of a node that gets no more jobs. */
const STARTED_ANEW = "its worker was started anew";
const LEFT = "it has left";

/** All records that can be used, in order; the faults of the others are sentences. @throws ErrnoException */
export async function readRecords(folder: ClusterFolder): Promise<readonly Result<NodeRecord, NameFault>[]> {
  const { stamps } = await folder.look();
  return [...stamps.keys()].flatMap((name): readonly Result<NodeRecord, NameFault>[] => {
    const read = folder.readNode(name);
    if (!read.ok) return [fail({ name, text: read.error })];
    return read.value === undefined ? [] : [ok(read.value)]; // it has gone meanwhile
  });
}

/** The nodes that settings list, or that have joined by now. @throws ErrnoException */
export async function presentNodes({
  nodes,
  standing,
}: Pick<ClusterSettings, "nodes" | "standing">): Promise<readonly NodeAddress[]> {
  if (standing === undefined) return nodes;
  const records = await readRecords(standing);
  return [...nodes, ...records.flatMap((record) => (record.ok ? addressOf(record.value) : []))];
}

export interface NameFault {
  readonly name: string;
  readonly text: string;
}

export interface StandingRollOptions {
  readonly folder: ClusterFolder;
  readonly onNote: (text: string) => void;
}

export class StandingRoll implements Roll {
  readonly folder: string;
  readonly #options: StandingRollOptions;
  /** Ids of records, by the nodes' names. */
  #present: ReadonlyMap<NodeId, string> = new Map();
  #watch: StandingWatch | undefined;

  constructor(options: StandingRollOptions) {
    this.#options = options;
    this.folder = fromUnicode(options.folder.path);
  }

  begin(listener: RollListener): void {
    let isFirst = true;
    this.#watch = new StandingWatch({
      ...this.#options,
      onNodes: (nodes) => {
        this.#compare(nodes, listener);
        if (isFirst) listener.looked();
        isFirst = false;
      },
    });
  }

  async close(): Promise<void> {
    await this.#watch?.close();
  }

  #compare(nodes: readonly NodeRecord[], { joined, left }: RollListener): void {
    const before = this.#present;
    const working = nodes.filter(({ drainingMs }) => drainingMs === undefined);
    const now = new Map(working.map(({ name, id }) => [nodeId(name), id]));
    this.#present = now;
    const whyGone = (node: NodeId, id: string): string => {
      if (now.has(node)) return STARTED_ANEW;
      return nodes.some((record) => record.id === id) ? DRAINING : LEFT;
    };
    for (const [node, id] of before) if (now.get(node) !== id) left(node, whyGone(node, id));
    for (const record of working) if (before.get(nodeId(record.name)) !== record.id) joined(addressOf(record));
  }
}
