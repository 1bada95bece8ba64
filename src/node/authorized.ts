/** The file that says whose credential may run recipes as which account: one line for each credential, nobody who is not in it. */

import { parseMoment } from "../base/moment.js";
import { fail, ok, type Result } from "../base/result.js";
import { USER_NAME } from "../base/user-name.js";
import { type AddressPair, parseAddressPairs } from "./address-pairs.js";

/** A line: `FINGERPRINT user=alice,bob from=10.0.0.0/255.0.0.0 nice=5 maxjobs=16 notafter=2027-01-31`. */
export interface Grant {
  /** Of the credential's certificate: SHA-256, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Accounts by name; `any`: every ordinary one. */
  readonly users: readonly string[] | "any";
  /** Where its holder may come from; undefined: from wherever the worker listens to. */
  readonly from: readonly AddressPair[] | undefined;
  /** How much its processes stand back, 0 to 19. */
  readonly nice: number;
  readonly maxJobs: number | undefined;
  /** When it ends, in milliseconds since the epoch. */
  readonly notAfterMs: number | undefined;
  /** The number that its holder says he has counts only when MUNGE says so too. */
  readonly isByMunge: boolean;
}

/** No such file is longer. */
export const MAX_AUTHORIZED_BYTES = 1 << 20;

/** Reads the file's text (a byte string). The failure is a phrase that fits behind the file's name, with the line's number. */
export function parseAuthorized(text: string): Result<readonly Grant[], string> {
  if (text.length > MAX_AUTHORIZED_BYTES) return fail("is too long");
  const grants = new Map<string, Grant>();
  for (const [index, line] of text.split("\n").entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    if (words.length === 0 || words[0]?.startsWith("#") === true) continue;
    const grant = parseLine(words);
    const fault = !grant.ok
      ? grant.error
      : grants.has(grant.value.fingerprint)
        ? "this credential has a line already"
        : "";
    if (!grant.ok || fault !== "") return fail(`line ${String(index + 1)}: ${fault}`);
    grants.set(grant.value.fingerprint, grant.value);
  }
  return ok([...grants.values()]);
}

type Field = (grant: Grant, value: string) => Grant | undefined;

/** What each word means; an answer of undefined is a mistake. */
const FIELDS: Readonly<Record<string, Field>> = {
  user: (grant, value) => {
    if (value === "*") return { ...grant, users: "any" };
    const users = value.split(",");
    return users.every((user) => USER_NAME.test(user)) ? { ...grant, users } : undefined;
  },
  from: (grant, value) => {
    const words = value.split(",").flatMap((pair) => pair.split("/"));
    const from = parseAddressPairs(words, { allowEveryone: false });
    return from.ok && /^[^/,]+\/[^/,]+(,[^/,]+\/[^/,]+)*$/.test(value) ? { ...grant, from: from.value } : undefined;
  },
  nice: (grant, value) => withNumber(value, 0, 19, (nice) => ({ ...grant, nice })),
  maxjobs: (grant, value) => withNumber(value, 1, 65_535, (maxJobs) => ({ ...grant, maxJobs })),
  notafter: (grant, value) => {
    const notAfterMs = parseMoment(value);
    return notAfterMs === undefined ? undefined : { ...grant, notAfterMs };
  },
  auth: (grant, value) => (value === "munge" ? { ...grant, isByMunge: true } : undefined),
};

function parseLine([fingerprint = "", ...words]: readonly string[]): Result<Grant, string> {
  if (!/^[0-9a-f]{64}$/.test(fingerprint)) return fail("it begins with no fingerprint (64 hexadecimal digits)");
  let grant: Grant = {
    ...{ fingerprint, users: [], from: undefined, nice: 0, maxJobs: undefined, notAfterMs: undefined },
    isByMunge: false,
  };
  const seen = new Set<string>();
  for (const word of words) {
    const [, name = "", value = ""] = /^([a-z]+)=(.+)$/s.exec(word) ?? [];
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (field === undefined) return fail(`'${word}' is none of user=, from=, nice=, maxjobs=, notafter= and auth=`);
    if (seen.has(name)) return fail(`${name}= stands there twice`);
    seen.add(name);
    const next = field(grant, value);
    if (next === undefined) return fail(`'${word}' is no ${name}= that can be meant`);
    grant = next;
  }
  return grant.users.length === 0 ? fail("it names no user=") : ok(grant);
}

function withNumber(value: string, low: number, high: number, take: (number: number) => Grant): Grant | undefined {
  const number = /^(0|[1-9]\d{0,5})$/.test(value) ? Number(value) : -1;
  return number >= low && number <= high ? take(number) : undefined;
}
