/** Finds nodes for the cluster by announcement, and has each prove that it can be used. */

import { setTimeout as pause } from "node:timers/promises";
import { ok, type Result } from "../base/result.js";
import { type Announcer, type FoundWorker, startAnnouncer } from "../net/announcer.js";
import { NODE_SILENCE_MS } from "../wire/limits.js";
import type { GroupAddress } from "../wire/group.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import { admitted, type DialOptions } from "./cluster-dial.js";
import type { Candidate, Search } from "./cluster-link.js";

export interface NodeSearchOptions extends DialOptions {
  readonly credential: ClientKeyFile;
  readonly group: readonly GroupAddress[];
  /** For `--debug`: what came of it. */
  readonly onNote: (text: string) => void;
}

/** For so long whoever has not so much else to do answers. */
const ANSWERS_MS = 3_000;

/**
 * Connections to the nodes that answer within three seconds, for the caller to close. The failure is a phrase: nothing could be asked.
 */
export async function findNodes(
  options: Pick<NodeSearchOptions, "credential" | "clock" | "group">,
): Promise<Result<readonly FoundWorker[], string>> {
  const found: FoundWorker[] = [];
  const announcer = await startAnnouncer({
    ...options,
    ...ANY_NODE,
    onWorker: (worker) => found.push(worker),
    onFailure: () => undefined, // it is as good as not there
  });
  if (!announcer.ok) return announcer;
  announcer.value.announceOnce();
  await pause(ANSWERS_MS);
  announcer.value.close();
  return ok(found);
}

const ANY_NODE = { wanted: "node", ports: [], silenceMs: NODE_SILENCE_MS, admits: () => true } as const;

export class NodeSearch implements Search {
  readonly #options: NodeSearchOptions;
  #announcer: Promise<Announcer | undefined> = Promise.resolve(undefined);

  constructor(options: NodeSearchOptions) {
    this.#options = options;
  }

  begin(onCandidate: (candidate: Candidate) => void): void {
    this.#announcer = this.#start(onCandidate);
    this.again();
  }

  again(): void {
    void this.#announcer.then((announcer) => announcer?.announceOnce()); // never rejects
  }

  async close(): Promise<void> {
    (await this.#announcer)?.close();
  }

  async #start(onCandidate: (candidate: Candidate) => void): Promise<Announcer | undefined> {
    const { onNote } = this.#options;
    const announcer = await startAnnouncer({
      ...this.#options,
      ...ANY_NODE,
      onWorker: ({ connection, address: host }) =>
        onCandidate({
          name: connection.node.name,
          host,
          admit: (node) => admitted(connection, node, this.#options),
          dismiss: () => void connection.close(), // nobody waits for it
        }),
      onFailure: (address, reason) => onNote(`${address} called back, and was not taken: ${reason}`),
    });
    if (announcer.ok) return announcer.value;
    onNote(`nodes cannot be looked for: ${announcer.error}`);
    return undefined;
  }
}
