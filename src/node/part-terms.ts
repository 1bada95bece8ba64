/** What a monitor tells the parts of its worker in their first line, and how that is written. Its own words: they are believed. */

import type { TlsCredential } from "../net/credential.js";
import type { ApplicationKey } from "../net/datagram-proof.js";
import type { GroupAddress } from "../wire/group.js";
import type { AddressPair } from "./address-pairs.js";
import type { JobLimits } from "./limit-watch.js";

/** To the network part, in its first line and after each change. Of who may do what it learns only who may knock. */
export interface NetworkTerms {
  readonly address: string;
  readonly port: number;
  /** Whom it becomes. */
  readonly uid: number;
  readonly gid: number;
  readonly credential: TlsCredential;
  readonly admitted: readonly AddressPair[];
  readonly fingerprints: readonly string[];
  readonly name: string;
  /** Where it hears announcements; undefined: nowhere. */
  readonly group: readonly GroupAddress[] | undefined;
  /** By which announcements are believed. */
  readonly announcements: ApplicationKey;
}

/** To a user part. */
export interface UserTerms {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly nice: number;
  readonly fingerprint: string;
  readonly maxJobs: number | undefined;
  readonly limits: JobLimits;
  readonly name: string;
  readonly slots: number;
  readonly debug: boolean;
  /** Where it is to be reached, by the network part alone. */
  readonly socket: string;
  readonly socketUid: number;
}

/** One line, whatever is in it. */
export function formatTerms(terms: NetworkTerms | UserTerms): string {
  return JSON.stringify(terms, (_, value: unknown) =>
    value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("base64") } : value,
  );
}

export function parseNetworkTerms(text: string): NetworkTerms {
  return parse(text) as NetworkTerms;
}

export function parseUserTerms(text: string): UserTerms {
  return parse(text) as UserTerms;
}

function parse(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => (isBytes(value) ? Buffer.from(value.bytes, "base64") : value));
}

function isBytes(value: unknown): value is { readonly bytes: string } {
  return typeof value === "object" && value !== null && "bytes" in value && typeof value.bytes === "string";
}
