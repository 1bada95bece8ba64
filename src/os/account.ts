/** Who we are on this machine, and where users live. */

import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { fromUnicode, toUnicode } from "./bytes.js";
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
  return find(readPasswd(), name) ?? find(askForAccount(name), name);
}

function find(list: string, name: string): Account | undefined {
  for (const line of list.split("\n")) {
    const [entry, , uid, gid, , home, shell] = line.split(":");
    if (entry !== name || uid === undefined || gid === undefined || home === undefined) continue;
    return { name, uid: Number(uid), gid: Number(gid), home, shell: shell ?? "" };
  }
  return undefined;
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "latin1");
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return "";
  }
}

/** Users of a directory service are known to `getent`. */
function askForAccount(name: string): string {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const result = spawnSync("getent", ["passwd", "--", toUnicode(name) ?? name], { encoding: "latin1" });
  return result.error === undefined ? result.stdout : "";
}
