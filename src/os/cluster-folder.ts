/**
 * The folder of a standing cluster: its key pair, a record of each node, requests to nodes, and their logs. It is one user's alone; the
 * machines share it, and nothing is believed of it that others could have written.
 *
 *   key, key.pub          the two halves, as ckeygen makes them
 *   nodes/NAME            the record of a node that has joined
 *   nodes/NAME@drain      it is to drain; holds the record's id, lest another start of that worker is taken for it
 *   log/NAME, log/NAME.old
 */

import { randomBytes } from "node:crypto";
import { lstatSync, rmSync, type Stats, statSync } from "node:fs";
import { lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fromBytes } from "../base/latin1.js";
import { fail, ok, type Result } from "../base/result.js";
import {
  formatNodeRecord,
  isNodeName,
  MAX_RECORD_BYTES,
  type NodeRecord,
  parseNodeRecord,
} from "../placement/node-record.js";
import { attempt } from "./attempt.js";
import { errnoOf, strerror } from "./strerror.js";
import { readTrustedFile } from "./trusted-file.js";

/** A folder with more records is not read any further. */
const MAX_RECORDS = 4096;
const DRAIN_SUFFIX = "@drain";
/** The keys lie among sources. */
const IGNORED_BY_GIT = "# mpmake's: keys, which are secret, and what machines write of themselves\n*\n";

/** Why a folder is none that can be used. */
export interface FolderFault {
  /** `foreign`: another user's; `unsafe`: others may enter it. */
  readonly kind: "missing" | "foreign" | "unsafe" | "none";
  /** A sentence without full stop, naming the folder. */
  readonly text: string;
  readonly hint: string | undefined;
}

export class ClusterFolder {
  readonly path: string;
  /** The workers' half. */
  readonly key: string;
  /** The clients' half. */
  readonly clientKey: string;
  readonly #nodes: string;

  private constructor(path: string) {
    this.path = path;
    this.key = join(path, "key");
    this.clientKey = join(path, "key.pub");
    this.#nodes = join(path, "nodes");
  }

  /** A folder that `make` has made, if it is this user's alone. @param path - absolute; text as node: has it */
  static open(path: string, userId: number): Result<ClusterFolder, FolderFault> {
    const folder = new ClusterFolder(path);
    const fault = faultOf(path, userId) ?? folder.#incomplete();
    return fault === undefined ? ok(folder) : fail(fault);
  }

  /**
   * Makes a folder, but for the keys, or completes one.
   *
   * @returns what is in the way: a folder that is not ours alone, or that holds other things
   */
  static async make(path: string, userId: number): Promise<Result<ClusterFolder, FolderFault>> {
    await mkdir(join(path, ".."), { recursive: true });
    const isNew = await mkdir(path, { mode: 0o700 }).then(() => true, unlessThere);
    const fault = faultOf(path, userId);
    if (fault !== undefined) return fail(fault);
    const folder = new ClusterFolder(path);
    const others = (await readdir(path)).filter((name) => !isOurs(name));
    if (!isNew && others.length > 0) {
      const text = `${path} is no cluster's folder, and holds other things (${others[0] ?? ""})`;
      return fail({ kind: "none", text, hint: "name a folder that is empty or not there" });
    }
    for (const name of ["nodes", "log"]) await mkdir(join(path, name), { mode: 0o700 }).catch(unlessThere);
    await writeFile(join(path, ".gitignore"), IGNORED_BY_GIT, { flag: "wx", mode: 0o600 }).catch(unlessThere);
    return ok(folder);
  }

  logOf(name: string): string {
    return join(this.path, "log", name);
  }

  /** Reads a record; undefined: there is none. The failure names the file. */
  readNode(name: string): Result<NodeRecord | undefined, string> {
    const path = join(this.#nodes, name);
    const bytes = readTrustedFile(path, { kind: "secret", maxBytes: MAX_RECORD_BYTES });
    if (!bytes.ok) return bytes.error.kind === "missing" ? ok(undefined) : fail(`${path} ${bytes.error.text}`);
    const record = parseNodeRecord(fromBytes(bytes.value));
    if (!record.ok) return fail(`${path} ${record.error}`);
    return record.value.name === name ? record : fail(`${path} is the record of ${record.value.name}`);
  }

  /** Writes a node's record, in place of one that may be there. @returns the stamp that `look` shows of it. @throws ErrnoException */
  async writeNode(record: NodeRecord): Promise<string> {
    const path = join(this.#nodes, record.name);
    await this.#replace(path, formatNodeRecord(record));
    return stampOf(await lstat(path));
  }

  /** Has a node drain that has said this of itself. @throws ErrnoException */
  async requestDrain({ name, id }: NodeRecord): Promise<void> {
    await this.#replace(join(this.#nodes, name + DRAIN_SUFFIX), `${id}\n`);
  }

  /** Whether a request for a node to drain, which is there, means this start of it. */
  isMeant({ name, id }: NodeRecord): boolean {
    const path = join(this.#nodes, name + DRAIN_SUFFIX);
    const bytes = readTrustedFile(path, { kind: "secret", maxBytes: MAX_RECORD_BYTES });
    return bytes.ok && fromBytes(bytes.value) === `${id}\n`;
  }

  /** A node's record goes, with a request for it, if it is still this one. */
  removeNode({ name, id }: NodeRecord): void {
    const now = this.readNode(name);
    if (now.ok && now.value?.id === id) this.removeFile(name);
  }

  /** Nobody has asked a node to drain. */
  forgetRequest(name: string): void {
    attempt(() => rmSync(join(this.#nodes, name + DRAIN_SUFFIX), { force: true }));
  }

  /** What stands there under a node's name goes, whatever it holds. */
  removeFile(name: string): void {
    this.forgetRequest(name);
    attempt(() => rmSync(join(this.#nodes, name), { force: true }));
  }

  /**
   * What is there: the stamp of each record, which is another as soon as the record is, and who is asked to drain.
   *
   * The folder is opened and read as a whole each time: network file systems ask their server then, where they answer from memory when
   * they are asked for one name.
   *
   * @param only - whose record alone is looked at
   * @throws ErrnoException
   */
  async look(only?: string): Promise<FolderLook> {
    const names = await readdir(this.#nodes);
    const asked = names
      .filter((name) => name.endsWith(DRAIN_SUFFIX))
      .map((name) => name.slice(0, -DRAIN_SUFFIX.length));
    const stamps = new Map<string, string>();
    await Promise.all(
      names
        .filter((name) => isNodeName(name) && (only === undefined || name === only))
        .slice(0, MAX_RECORDS)
        .map(async (name) => {
          const stat = await lstat(join(this.#nodes, name)).catch(unlessGone);
          if (stat !== undefined) stamps.set(name, stampOf(stat));
        }),
    );
    return { stamps: new Map([...stamps].sort(([a], [b]) => compareNames(a, b))), asked: new Set(asked) };
  }

  async #replace(path: string, text: string): Promise<void> {
    const fresh = join(this.#nodes, `.${basename(path)}.${randomBytes(6).toString("hex")}`);
    await writeFile(fresh, text, { flag: "wx", mode: 0o600 });
    try {
      await rename(fresh, path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  }

  #incomplete(): FolderFault | undefined {
    const isComplete = lstatSync(this.#nodes, { throwIfNoEntry: false })?.isDirectory() === true;
    const hint = `"mpmake up ${this.path}" makes one there`;
    return isComplete ? undefined : { kind: "none", text: `${this.path} is no cluster's folder`, hint };
  }
}

/** Whether a file system says that there is nothing any more; ESTALE is how NFS says it. */
export function isGone(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ESTALE"].includes(errnoOf(error) ?? "");
}

export interface FolderLook {
  /** By the nodes' names, in order: n2 before n10. */
  readonly stamps: ReadonlyMap<string, string>;
  readonly asked: ReadonlySet<string>;
}

/** Names with numbers in them as people count. */
export function compareNames(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function faultOf(path: string, userId: number): FolderFault | undefined {
  const stat = look(path);
  if (typeof stat === "string") return stat === "ENOENT" || stat === "ENOTDIR" ? missing(path) : unreadable(path, stat);
  const none = { kind: "none", text: `${path} is no folder`, hint: undefined } as const;
  if (!stat.isDirectory()) return none;
  if (stat.uid !== userId) {
    const text = `${path} belongs to another user (number ${String(stat.uid)}), not to us (${String(userId)})`;
    return { kind: "foreign", text, hint: 'each user makes a cluster of his own with "mpmake up"' };
  }
  if ((stat.mode & 0o077) === 0) return undefined;
  const mode = (stat.mode & 0o777).toString(8);
  return { kind: "unsafe", text: `${path} may be entered by others (mode ${mode})`, hint: `use chmod 700 ${path}` };
}

function look(path: string): Stats | string {
  try {
    return statSync(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}

function missing(path: string): FolderFault {
  const hint = 'it has to be seen here at the same path; "mpmake up" makes a cluster and prints the line to say';
  return { kind: "missing", text: `there is no folder ${path}`, hint };
}

function unreadable(path: string, errno: string): FolderFault {
  return { kind: "foreign", text: `${path} cannot be looked at (${strerror(errno)})`, hint: undefined };
}

/** What `make` and ckeygen put there. */
function isOurs(name: string): boolean {
  return name === ".gitignore" || name === "nodes" || name === "log" || /^key(\.pub)?(\.[0-9a-f]{12})?$/.test(name);
}

/** A file that was put in the place of another has another number, or at least another time. */
function stampOf({ ino, mtimeMs, size }: Stats): string {
  return `${String(ino)} ${String(mtimeMs)} ${String(size)}`;
}

/** It has gone meanwhile. */
function unlessGone(error: unknown): undefined {
  if (!isGone(error)) throw error;
}

function unlessThere(error: unknown): false {
  if (errnoOf(error) !== "EEXIST") throw error;
  return false;
}
