import { describe, expect, test } from "vitest";
import { type AccountBook, admit } from "../../src/node/admission.js";
import { type Grant, parseAuthorized } from "../../src/node/authorized.js";
import type { Account } from "../../src/os/account.js";

const A = "a".repeat(64);
const NOW = Date.UTC(2026, 5, 1);

const BOOK: readonly Account[] = [
  ["root", 0],
  ["daemon", 999],
  ["alice", 1000],
  ["bob", 1001],
  ["nobody", 65_534],
].map(([name, uid]) => ({ name: String(name), uid: Number(uid), gid: Number(uid), home: "/", shell: "/bin/sh" }));

const accounts: AccountBook = {
  byName: (name) => BOOK.find((one) => one.name === name),
  byUid: (uid) => BOOK.find((one) => one.uid === uid),
  faultOf: () => undefined,
};

/** The account, or why not. */
function judge(
  terms: string,
  uid: number,
  more: { readonly address?: string; readonly book?: AccountBook } = {},
): string {
  const read = parseAuthorized(`${A} ${terms}`);
  const grants: readonly Grant[] = read.ok ? read.value : [];
  const applicant = { fingerprint: A, address: more.address ?? "10.1.2.3", uid };
  const admission = admit(applicant, { grants, accounts: more.book ?? accounts, nowMs: NOW });
  return admission.ok ? admission.value.account.name : admission.error;
}

describe("an account is given", () => {
  test.each([
    ["to whom it is listed", "user=alice", 1000, "alice"],
    ["the one of several that has the claimed number", "user=alice,bob", 1001, "bob"],
    ["root's, when it is listed", "user=root", 0, "root"],
    ["the system's, when it is listed", "user=daemon", 999, "daemon"],
    ["any ordinary one", "user=*", 1001, "bob"],
    ["until a moment before it ends", "user=alice notafter=2026-06-01T00:00:01Z", 1000, "alice"],
    ["from an address that is listed", "user=alice from=10.0.0.0/255.0.0.0", 1000, "alice"],
  ])("%s", (_, terms, uid, name) => {
    expect(judge(terms, uid)).toBe(name);
  });
});

describe("no account is given", () => {
  test.each([
    ["without a line", "", 1000, "this credential is not authorized here"],
    [
      "for a number of another",
      "user=alice",
      1001,
      "this credential runs recipes as alice (1000) here, not as the client's user number 1001",
    ],
    [
      "for root's number",
      "user=alice,bob",
      0,
      "this credential runs recipes as alice (1000) or bob (1001) here, not as the client's user number 0",
    ],
    ["of root's to anyone", "user=*", 0, "user number 0 is no ordinary user's here"],
    ["of the system's to anyone", "user=*", 999, "user number 999 is no ordinary user's here"],
    ["that is not there, to anyone", "user=*", 4711, "user number 4711 is no ordinary user's here"],
    ["that is not there", "user=ghost", 1000, "there is no user ghost here"],
    ["of nobody's", "user=nobody", 65_534, "user number 65534 is nobody's"],
    ["for -1", "user=*", 4_294_967_295, "user number 4294967295 is nobody's"],
    ["at the moment when it ends", "user=alice notafter=2026-06-01", 1000, "this credential has run out"],
    ["from elsewhere", "user=alice from=10.9.0.0/255.255.0.0", 1000, "this credential may not come from 10.1.2.3"],
  ])("%s", (_, terms, uid, reason) => {
    expect(judge(terms, uid)).toBe(reason);
  });

  test("from this machine, when addresses are listed and it is not among them", () => {
    const address = "127.0.0.1";
    const reason = "this credential may not come from 127.0.0.1";
    expect(judge("user=alice from=10.0.0.0/255.0.0.0", 1000, { address })).toBe(reason);
  });

  test("that nobody may work as", () => {
    const book = { ...accounts, faultOf: ({ name }: Account) => `the account of ${name} has expired here` };
    expect(judge("user=alice", 1000, { book })).toBe("the account of alice has expired here");
  });
});
