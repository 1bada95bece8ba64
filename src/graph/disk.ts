/** The files a build is about, as the graph asks for them. Real: os/disk.ts. In tests: test/rig/fake-disk.ts. */

import type { Receipt } from "./job.js";

/** All paths are byte strings, relative ones to the invocation's directory. */
export interface Disk {
  /** Modification time of what the name leads to, in nanoseconds since the epoch; undefined when it does not exist. */
  mtimeNs(path: string): bigint | undefined;
  /** The same, but the newest of the file and of every symbolic link on the way (`-L`). */
  mtimeWithLinksNs(path: string): bigint | undefined;
  /** Whether a name exists, answered from cached directory contents as GNU make does for implicit rules. */
  existsCached(path: string): boolean;
  /** Forgets what is cached of the name's directory (a recipe has run). */
  forget(path: string): void;
  /** Time of an archive's member by its index; undefined when the archive or the member is missing. */
  memberTimeNs(archive: string, member: string): bigint | undefined;
  /** Sets a member's time in its archive to now (`-t`). */
  touchMember(archive: string, member: string): void;
  /** Names of an archive's members that match a wildcard. */
  membersMatching(archive: string, pattern: string): readonly string[];
  isDirectory(path: string): boolean;
  /** Creates or stamps with the present time (`-t`). @throws HostError */
  touch(path: string): void;
  /** @returns false when it did not exist. @throws HostError */
  remove(path: string): boolean;
  /** What another machine is to see of a file that is there; its path as given. */
  certify(path: string): Receipt;
  /** Now, as this file system would stamp it. */
  nowNs(): bigint;
}
