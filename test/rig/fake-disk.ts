/** A Disk in memory: files with times in seconds, and a clock that moves on with every stamp. */

import type { Disk } from "../../src/graph/disk.js";
import type { Receipt } from "../../src/graph/job.js";
import { matches, parsePattern } from "../../src/makefile/pattern.js";

const NS_PER_S = 1_000_000_000n;

export class FakeDisk implements Disk {
  /** Times in nanoseconds, by path; archive members as `lib(member)`. */
  readonly files = new Map<string, bigint>();
  readonly directories = new Set<string>();
  /** Times of symbolic links, by path. */
  readonly links = new Map<string, bigint>();
  /** How often anything was asked. */
  questions = 0;
  #nowNs: bigint;

  /** @param files - times in seconds; the clock starts behind the latest of them */
  constructor(files: Readonly<Record<string, number>> = {}) {
    for (const [path, seconds] of Object.entries(files)) this.files.set(path, toNs(seconds));
    this.#nowNs = [...this.files.values()].reduce((latest, time) => (time > latest ? time : latest), 0n) + NS_PER_S;
  }

  /** A recipe writes a file: it gets the next second as its time. */
  write(path: string): void {
    this.files.set(path, this.#nowNs);
    this.#nowNs += NS_PER_S;
  }

  setTime(path: string, seconds: number): void {
    this.files.set(path, toNs(seconds));
  }

  setClock(seconds: number): void {
    this.#nowNs = toNs(seconds);
  }

  mtimeNs(path: string): bigint | undefined {
    this.questions++;
    return this.files.get(path) ?? (this.directories.has(path) ? 0n : undefined);
  }

  mtimeWithLinksNs(path: string): bigint | undefined {
    const time = this.mtimeNs(path);
    const link = this.links.get(path);
    return link !== undefined && (time === undefined || link > time) ? link : time;
  }

  existsCached(path: string): boolean {
    this.questions++;
    return this.files.has(path) || this.directories.has(path);
  }

  forget(): void {
    this.questions++;
  }

  memberTimeNs(archive: string, member: string): bigint | undefined {
    return this.files.has(archive) ? this.files.get(`${archive}(${member})`) : undefined;
  }

  touchMember(archive: string, member: string): void {
    this.write(`${archive}(${member})`);
  }

  membersMatching(archive: string, pattern: string): readonly string[] {
    const parsed = parsePattern(pattern.replace("*", "%"));
    const names = [...this.files.keys()].filter((name) => name.startsWith(`${archive}(`));
    return names.map((name) => name.slice(archive.length + 1, -1)).filter((name) => matches(parsed, name));
  }

  isDirectory(path: string): boolean {
    return this.directories.has(path);
  }

  touch(path: string): void {
    this.write(path);
  }

  remove(path: string): boolean {
    return this.files.delete(path);
  }

  certify(path: string): Receipt {
    const mtimeNs = this.files.get(path);
    return { path, stat: mtimeNs === undefined ? undefined : { sizeBytes: 0, mtimeNs, ino: 0n } };
  }

  nowNs(): bigint {
    return this.#nowNs;
  }
}

function toNs(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1000)) * 1_000_000n;
}
