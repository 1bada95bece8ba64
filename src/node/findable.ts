/** How a worker is found by clients that have not listed it: it hears their announcements and calls them; from there on they are as any others. */

import { availableParallelism, loadavg } from "node:os";
import { ok, type Result } from "../base/result.js";
import { type DoorRequest, hearClient } from "../net/client-listener.js";
import type { ApplicationKey } from "../net/datagram-proof.js";
import type { WallClock } from "../net/node-connection.js";
import type { GroupAddress } from "../wire/group.js";
import type { Audit } from "./audit.js";
import { type Responder, startResponder } from "./responder.js";

export interface FindableOptions {
  readonly name: string;
  /** undefined: it is not to be found. */
  readonly group?: readonly GroupAddress[] | undefined;
  readonly key: ApplicationKey;
  /** By which all clients come in, whoever has called; only admitted addresses are called. */
  readonly door: DoorRequest;
  /** Its own jobs, as far as it knows. */
  readonly running: () => number;
  readonly clock: WallClock;
  readonly audit: Audit;
  readonly debug: ((line: string) => void) | undefined;
}

/** Hears announcements for nodes. The failure is a phrase. */
export async function startFindable(options: FindableOptions): Promise<Result<Responder, string>> {
  const { group, door, running } = options;
  if (group === undefined) return ok({ renew: () => undefined, close: () => undefined });
  return startResponder({
    ...options,
    group,
    wanted: "node",
    load: () => ({ running: running(), loadAverage: loadavg()[0] ?? 0, processors: availableParallelism() }),
    hasRoom: () => true, // it is for the client to choose among the nodes that it has
    admits: (address) => door.terms().admits(address),
    random: Math.random,
    onReached: (socket) => hearClient(socket, door),
  });
}
