/** Who may run recipes as whom: every check of a worker that serves several accounts, in one place. Nobody may unless all say so. */

import { fail, ok, type Result } from "../base/result.js";
import { decodeMunge, type Munge, type MungeProof } from "../net/munge.js";
import type { Account } from "../os/account.js";
import { isAmong } from "./address-pairs.js";
import type { Grant } from "./authorized.js";

/** What a client has proved (its certificate), what it came from, and what it claims. */
export interface Applicant {
  readonly fingerprint: string;
  readonly address: string;
  /** The user number that it has on its own machine. Only to be agreed with: files would be owned by a stranger otherwise. */
  readonly uid: number;
}

/** This machine's accounts. */
export interface AccountBook {
  byName(name: string): Account | undefined;
  byUid(uid: number): Account | undefined;
  /** Why nobody may work as an account; undefined: one may. */
  faultOf(account: Account): string | undefined;
}

export interface Admission {
  readonly grant: Grant;
  readonly account: Account;
}

/** Accounts below are the system's: no `user=*` means them. */
const FIRST_ORDINARY_UID = 1000;
/** The kernel's "nobody" of file systems that do not know a user, and the number that means "no change". */
const NOBODYS_UIDS: ReadonlySet<number> = new Set([65_534, 65_535, 4_294_967_294, 4_294_967_295]);

/** Whether there is a line at all for a credential; asked before its holder is heard. */
export function isListed(grants: readonly Grant[], fingerprint: string): boolean {
  return grants.some((grant) => grant.fingerprint === fingerprint);
}

/** The account that an applicant's recipes run as, and on which terms. The failure is a phrase for both sides. */
export function admit(
  applicant: Applicant,
  against: { readonly grants: readonly Grant[]; readonly accounts: AccountBook; readonly nowMs: number },
): Result<Admission, string> {
  const grant = against.grants.find(({ fingerprint }) => fingerprint === applicant.fingerprint);
  if (grant === undefined) return fail("this credential is not authorized here");
  if (grant.notAfterMs !== undefined && against.nowMs >= grant.notAfterMs) return fail("this credential has run out");
  if (grant.from !== undefined && !isAmong(applicant.address, grant.from))
    return fail(`this credential may not come from ${applicant.address}`);
  const account = accountFor(applicant.uid, grant, against.accounts);
  if (!account.ok) return account;
  const fault = against.accounts.faultOf(account.value);
  return fault === undefined ? ok({ grant, account: account.value }) : fail(fault);
}

/** That of the granted accounts which has the claimed number. */
function accountFor(uid: number, { users }: Grant, accounts: AccountBook): Result<Account, string> {
  if (NOBODYS_UIDS.has(uid)) return fail(`user number ${String(uid)} is nobody's`);
  if (users === "any") {
    const account = uid < FIRST_ORDINARY_UID ? undefined : accounts.byUid(uid);
    return account === undefined ? fail(`user number ${String(uid)} is no ordinary user's here`) : ok(account);
  }
  const known = users.flatMap((user) => accounts.byName(user) ?? []);
  if (known.length === 0) return fail(`there is no user ${users.join(" or ")} here`);
  const account = known.find((one) => one.uid === uid);
  const names = known.map((one) => `${one.name} (${String(one.uid)})`).join(" or ");
  return account === undefined
    ? fail(`this credential runs recipes as ${names} here, not as the client's user number ${String(uid)}`)
    : ok(account);
}

/**
 * What MUNGE has against a user number that an applicant claims; undefined: it says the same. The credential has to be of that user,
 * for us, fresh, used for the first time, and made for the very connection by which it came.
 */
export async function mungeFault(
  uid: number,
  shown: MungeProof | undefined,
  munge: Munge,
): Promise<string | undefined> {
  if (shown === undefined) return 'this credential takes one of MUNGE too ("munge": true in the configuration)';
  const decoded = await decodeMunge(shown.credential, munge);
  if (!decoded.ok) return `munge ${decoded.error}`;
  if (decoded.value.payload !== shown.channel) return "munge's credential was made for another connection";
  if (decoded.value.uid === uid) return undefined;
  return `munge says that the user number is ${String(decoded.value.uid)}, not ${String(uid)}`;
}
