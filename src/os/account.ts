/** Who we are on this machine, and where users live. */

import { userInfo } from "node:os";
import { fromUnicode, toUnicode } from "./bytes.js";
import { readIfPossible } from "./attempt.js";
import { errnoOf } from "./strerror.js";

/** An entry of the machine's list of users; texts are byte strings. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** The account that this process runs as; undefined when the machine has no entry for it. */
export function ownAccount(): Account | undefined {
  try {
    const { username, uid, gid, homedir, shell } = userInfo();
    return { name: fromUnicode(username), uid, gid, home: fromUnicode(homedir), shell: fromUnicode(shell ?? "") };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** The account of a name, wherever the machine's list is kept; undefined when there is none. */
export function accountOf(name: string): Account | undefined {
  if (name === "" || /[:\n]/.test(name)) return undefined;
  return look("passwd", name)
    .map(parseAccount)
    .find((one) => one?.name === name);
}

/** The account of a user number; undefined when there is none. */
export function accountOfUid(uid: number): Account | undefined {
  return look("passwd", String(uid))
    .map(parseAccount)
    .find((one) => one?.uid === uid);
}

/** Programs that say that an account is not to be worked with. */
const NO_SHELL = /(^|\/)(nologin|false)$/;
const DAY_MS = 86_400_000;

/**
 * Why nobody may work as an account, as a phrase: it has no shell to log in with, or it has expired. A locked password is no reason; it
 * says only that one cannot log in with a password.
 */
export function accountFault(account: Account, nowMs: number): string | undefined {
  if (NO_SHELL.test(account.shell)) return `${account.name} may not log in here (its shell is ${account.shell})`;
  const entry = look("shadow", account.name).find((fields) => fields[0] === account.name);
  const expiryDay = entry?.[7] ?? "";
  if (expiryDay !== "" && nowMs >= Number(expiryDay) * DAY_MS) return `the account of ${account.name} has expired here`;
  return undefined;
}

type Fields = readonly string[];

/** Entries of a list, as `passwd(5)` and `shadow(5)` have them: the file's, and what directory services know of a key. */
function look(list: "passwd" | "shadow", key: string): readonly Fields[] {
  const isThere = (fields: Fields): boolean => fields[0] === key || (list === "passwd" && fields[2] === key);
  const inFile = entriesOf(readIfPossible(`/etc/${list}`) ?? "").filter(isThere);
  return inFile.length > 0 ? inFile : entriesOf(ask(list, key));
}

function entriesOf(text: string): readonly Fields[] {
  return text.split("\n").map((line) => line.split(":"));
}

function parseAccount([name = "", , uid = "", gid = "", , home = "", shell = ""]: Fields): Account | undefined {
  if (name === "" || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home, shell };
}

const ASK_WITHIN_MS = 5000;

/** Users of a directory service are known to `getent`. */
function ask(list: string, key: string): string {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const options = { encoding: "latin1", timeout: ASK_WITHIN_MS } as const;
  const result = spawnSync("getent", [list, "--", toUnicode(key) ?? key], options);
  return result.error === undefined ? result.stdout : "";
}
