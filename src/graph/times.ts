/** When files were changed last: asked of the disk once, looked for on search paths, checked against the clock. */

import type { Observer } from "../events/event.js";
import { parseArchiveName } from "../rules/archive-name.js";
import type { RuleBook } from "../rules/rule-book.js";
import type { Disk } from "./disk.js";
import { type TargetTable } from "./target-table.js";
import { TIME, type Target } from "./target.js";

export interface TimesPorts {
  readonly disk: Disk;
  readonly rules: RuleBook;
  readonly table: TargetTable;
  readonly observe: Observer;
  /** `-L` */
  readonly checkSymlinks: boolean;
}

const NS_PER_S = 1_000_000_000n;

/** The times of an update's targets. Asking may find out that a target is another one: see `Target.alias`. */
export class Times {
  readonly #ports: TimesPorts;
  /** A moment that has passed. */
  #past = 0n;
  /** A file's time was in the future; said once. */
  clockSkew = false;

  constructor(ports: TimesPorts) {
    this.#ports = ports;
  }

  /** The target's time; `TIME.missing` when there is no such file here nor on a search path. */
  of(target: Target): bigint {
    const head = target.head;
    if (head.time !== undefined) return head.time;
    const member = target.name.endsWith(")") ? parseArchiveName(target.path) : undefined;
    const time = member === undefined ? this.#search(target) : this.#memberTime(target, member.archive, member.member);
    if (target.alias !== undefined) return this.of(target.alias);
    head.time = time;
    return time;
  }

  /** Whether it is a member of an archive that does not exist. As GNU make has it, nobody says of those that they do not exist. */
  isInMissingArchive(target: Target): boolean {
    const member = target.path.endsWith(")") ? parseArchiveName(target.path) : undefined;
    return member !== undefined && this.of(this.#ports.table.get(member.archive)) === TIME.missing;
  }

  /** The same for whoever compares with it: a coarse time counts as the end of its second. */
  comparable(target: Target): bigint {
    const time = this.of(target);
    if (!target.lowResolution || time < 0n || time === TIME.new) return time;
    const fraction = time % NS_PER_S;
    if (fraction !== 0n) {
      const text = `*** Warning: .LOW_RESOLUTION_TIME file '${target.path}' has a high resolution time stamp`;
      this.#say(text);
    }
    return time - fraction + NS_PER_S - 1n;
  }

  /** What the disk says of a name now, without search; nothing is remembered. */
  onDisk(path: string): bigint {
    const { disk, checkSymlinks } = this.#ports;
    const member = path.endsWith(")") ? parseArchiveName(path) : undefined;
    if (member !== undefined) return disk.memberTimeNs(member.archive, member.member) ?? TIME.missing;
    return (checkSymlinks ? disk.mtimeWithLinksNs(path) : disk.mtimeNs(path)) ?? TIME.missing;
  }

  /** The time is to be asked for anew. */
  forget(target: Target): void {
    if (target.head.time === TIME.new && target.phony) return;
    target.head.time = target.phony ? TIME.missing : undefined;
    const archive = target.path.endsWith(")") ? parseArchiveName(target.path)?.archive : undefined;
    if (archive !== undefined) this.forget(this.#ports.table.get(archive));
  }

  /** Where a search path has the name; undefined when none does. */
  findOnPath(name: string): string | undefined {
    const { searchPath } = this.#ports.rules;
    return searchPath.isEmpty ? undefined : searchPath.find(name, this.#countsFor(name));
  }

  /** The file of `-lNAME`. */
  #findLibrary(name: string): string | undefined {
    const { rules } = this.#ports;
    return rules.searchPath.findLibrary(name, rules.libraryPatterns, {
      isFile: this.#isFile,
      exists: this.#countsFor(name),
      noPattern: (word) => this.#say(`.LIBPATTERNS element '${word}' is not a pattern`),
    });
  }

  readonly #isFile = (path: string): boolean => this.onDisk(path) !== TIME.missing;

  /** What counts as found where a search path leads: a file, and one that was mentioned; for a target only another target. */
  #countsFor(name: string): (path: string) => boolean {
    const { table } = this.#ports;
    const isTarget = table.isTarget(name);
    return (path) => this.#isFile(path) || (isTarget ? table.isTarget(path) : table.isKnown(path));
  }

  #search(target: Target): bigint {
    const { table } = this.#ports;
    const here = this.#stamped(target.path);
    if (here !== TIME.missing) return here;
    const { name } = target;
    // A library is looked for even after its recipe has run.
    const found = name.startsWith("-l")
      ? (this.findOnPath(name) ?? this.#findLibrary(name))
      : target.ignoresSearchPath
        ? undefined
        : this.findOnPath(name);
    if (found === undefined) return here;
    const other = table.isKnown(found) ? table.get(found) : undefined;
    if (other !== undefined && other !== target) {
      table.merge(target, other);
      return this.of(other);
    }
    target.path = found;
    return table.presetTime(found) ?? this.#stamped(found);
  }

  #memberTime(target: Target, archive: string, member: string): bigint {
    const { disk, table } = this.#ports;
    const file = table.get(archive);
    const archiveTime = this.of(file);
    const real = file.alias ?? file;
    if (real.path !== archive) target.path = `${real.path}(${member})`;
    if (archiveTime === TIME.missing) return TIME.missing;
    const time = disk.memberTimeNs(real.path, member);
    if (time === undefined) return TIME.missing;
    // As GNU make has it, a member older than the file of its name counts as missing, so that what needs it is remade.
    const outside = table.find(member);
    const outsideTime = outside === undefined ? this.onDisk(member) : this.of(outside);
    return outsideTime / NS_PER_S > time / NS_PER_S ? TIME.missing : time;
  }

  #stamped(path: string): bigint {
    const time = this.onDisk(path);
    if (time > this.#past && !this.clockSkew) this.#checkClock(path, time);
    return time;
  }

  #checkClock(path: string, time: bigint): void {
    this.#past = this.#ports.disk.nowNs();
    if (time <= this.#past) return;
    this.clockSkew = true;
    const ahead = secondsText(time - this.#past);
    const text = `Warning: File '${path}' has modification time ${ahead} s in the future`;
    this.#say(text);
  }

  #say(text: string): void {
    this.#ports.observe({ type: "message", stream: "stderr", text });
  }
}

/** Whole seconds from 99 on; two digits that count below. */
function secondsText(ns: bigint): string {
  const seconds = Number(ns) / 1e9;
  if (seconds >= 99) return String(Math.floor(seconds));
  return String(Number(seconds.toPrecision(2)));
}
