/** Becoming an ordinary user, for good: how a process that root started gives up what it does not need. */

export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Whose supplementary groups it gets, as at login; undefined: none. */
  readonly groupsOf: string | undefined;
}

/**
 * Becomes a user, from the root directory. Afterwards the kernel shows this process's memory to nobody but root, not even to
 * that user's other processes.
 *
 * @throws Error when anything of root is left
 */
export function becomeUser({ uid, gid, groupsOf }: Identity): void {
  process.chdir("/");
  const calls = process as GroupCalls;
  if (groupsOf === undefined) calls.setgroups([gid]);
  else calls.initgroups(groupsOf, gid);
  process.setgid?.(gid);
  process.setuid?.(uid);
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  if (ids.join(" ") !== [uid, uid, gid, gid].join(" ")) throw new Error(`internal error: still user ${ids.join(" ")}`);
  if (uid !== 0 && canBecomeRoot()) throw new Error("internal error: root's rights came back");
}

/** Both are there wherever root is; the types know the first as something that may be missing and the second not at all. */
type GroupCalls = typeof process & {
  setgroups(groups: readonly number[]): void;
  initgroups(user: string, gid: number): void;
};

function canBecomeRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false; // as it should be
  }
}
