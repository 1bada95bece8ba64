/** A worker in one process: listens, lets clients in that it may serve, and runs their jobs as the user who started it. */

import { ok, type Result } from "../base/result.js";
import { type DoorRequest, type Greeted, type ListenTerms, listenForClients } from "../net/client-listener.js";
import { applicationKeyOf } from "../net/datagram-proof.js";
import { sendAway } from "../net/send-away.js";
import type { GroupAddress } from "../wire/group.js";
import type { WorkerKeyFile } from "../wire/key-file.js";
import { type AddressPair, isAdmitted } from "./address-pairs.js";
import { type AccountBook, admit, isListed } from "./admission.js";
import type { Grant } from "./authorized.js";
import { startFindable } from "./findable.js";
import { House, type HouseOptions } from "./house.js";

export interface WorkerOptions extends HouseOptions {
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  readonly terms: WorkerTerms;
  readonly accounts: AccountBook;
  /** Where announcements of clients are heard that have not listed it; undefined: nowhere. */
  readonly group?: readonly GroupAddress[] | undefined;
  readonly helloWithinMs?: number;
}

/** What may change while clients are in; those stay. */
export interface WorkerTerms {
  readonly credential: WorkerKeyFile;
  /** Addresses that are listened to, besides this machine's own. */
  readonly admitted: readonly AddressPair[];
  /** Every address is listened to, of whatever family; the key alone decides. */
  readonly admitsAnyone?: boolean;
  /** The credentials that are let in. Without it the other half of the worker's key is. */
  readonly grants: readonly Grant[] | undefined;
}

export interface Worker {
  readonly address: string;
  readonly port: number;
  /** New clients are judged by these terms. */
  reload(terms: WorkerTerms): void;
  /** Takes no new clients and jobs, and resolves when those that run have ended and their clients know. */
  drain(): Promise<void>;
  /** Sends all clients away, ends their jobs, and resolves when none of their processes is left. */
  stop(): Promise<void>;
}

/** A worker in this process. */
export interface HouseWorker extends Worker {
  readonly house: Pick<House, "rest" | "running" | "hasClients">;
}

/** Starts a worker. The failure is a phrase. */
export async function startWorker(options: WorkerOptions): Promise<Result<HouseWorker, string>> {
  const { audit, clock, helloWithinMs } = options;
  const house = new House(options);
  let terms = options.terms;
  const door: DoorRequest = {
    clock,
    terms: () => listenTermsOf(terms),
    onGreeted: (greeted) => letIn(greeted, { house, grants: terms.grants, options }),
    onRejected: (address, reason) => audit.rejected(address, reason),
    ...(helloWithinMs !== undefined && { helloWithinMs }),
  };
  const listener = await listenForClients({ ...options, ...door });
  if (!listener.ok) return listener;
  const key = applicationKeyOf(terms.credential);
  const findable = await startFindable({ ...options, door, key, running: () => house.running });
  const { address, port } = listener.value;
  if (!findable.ok) {
    listener.value.close();
    return findable;
  }
  const reload = (wanted: WorkerTerms): void => {
    terms = wanted;
    findable.value.renew(applicationKeyOf(wanted.credential));
  };
  const deafen = (): void => {
    listener.value.close();
    findable.value.close();
  };
  const drain = (): Promise<void> => (deafen(), house.drain());
  const stop = (): Promise<void> => (deafen(), house.stop());
  return ok({ address, port, house, reload, drain, stop });
}

/** What the socket has to know. */
function listenTermsOf({ credential, admitted, admitsAnyone, grants }: WorkerTerms): ListenTerms {
  return {
    credential,
    admits: (address) => admitsAnyone === true || isAdmitted(address, admitted),
    trusts: grants && ((fingerprint) => isListed(grants, fingerprint)),
  };
}

interface Door {
  readonly house: House;
  readonly grants: readonly Grant[] | undefined;
  readonly options: WorkerOptions;
}

/** With grants, only those that name this process's own account count; the house sees to that, which serves no other. */
function letIn({ hello, stream, address, fingerprint, receivedMs }: Greeted, { house, grants, options }: Door): void {
  if (grants === undefined) {
    house.serve(stream, { address, fingerprint, receivedMs });
    return;
  }
  const { accounts, clock, audit } = options;
  const admission = admit({ fingerprint, address, uid: hello.uid }, { grants, accounts, nowMs: clock.nowMs() });
  if (admission.ok) {
    house.serve(stream, { address, fingerprint, receivedMs, maxJobs: admission.value.grant.maxJobs });
    return;
  }
  audit.rejected(address, admission.error, { fingerprint, claims: hello.uid });
  sendAway(stream, clock, admission.error);
}
