/** What `mpmake --doctor` makes of what was measured of a shared directory. */

import { error, type Judgement, ok, type Probe, warning } from "./doctor-judgement.js";
import type { LockFinding, SeenAfter, Sharing } from "./doctor-sharing.js";

/** So long is waited until something is seen: longer than most file systems remember, and as long as a build waits for a file. */
export const SHARING_WINDOW_MS = 30_000;
/** Sooner than that nobody notices. */
const SOON_MS = 1000;

export const SHARING_PROBES: readonly Probe[] = [
  ofShared("new files", ({ made }) =>
    judgeSeen(
      made,
      "a file that another machine has just made is not there for so long for who has looked for it before",
    ),
  ),
  ofShared("new contents", ({ grown }) =>
    judgeSeen(grown, "who reads a file that another machine has just written gets what it was before for so long"),
  ),
  ofShared("exclusive creation", ({ exclusive }) =>
    exclusive
      ? ok("of two machines only one creates a file")
      : error("two machines can both create one file", {
          effect: "lock files lock nothing: two recipes write to one file",
          fix: "mount the file system so that O_EXCL holds (NFS 3 or later, no caching of names that are not there)",
        }),
  ),
  ofShared("flock", ({ flock }) => judgeLock(flock)),
  ofShared("fcntl locks", ({ fcntl }) => judgeLock(fcntl)),
];

function ofShared(name: string, judge: (sharing: Sharing) => Judgement): Probe {
  return { name, judge: ({ remote }) => remote?.sharing && judge(remote.sharing) };
}

function judgeSeen({ thereMs, hereMs }: SeenAfter, effect: string): Judgement {
  const text = `seen there ${inWords(thereMs)}, here ${inWords(hereMs)}`;
  const longestMs = Math.max(thereMs ?? SHARING_WINDOW_MS, hereMs ?? SHARING_WINDOW_MS);
  if (longestMs <= SOON_MS) return ok(text);
  return warning(text, {
    effect: `${effect}; recipes wait for their prerequisites, but for nothing else`,
    fix: "name as prerequisites all that recipes read, or have caches end sooner (NFS: actimeo=1,lookupcache=none; FUSE: *_timeout=0)",
  });
}

function inWords(ms: number | undefined): string {
  if (ms === undefined) return `not within ${String(SHARING_WINDOW_MS / 1000)} s`;
  return ms <= SOON_MS ? `within ${(Math.ceil(ms / 100) / 10).toFixed(1)} s` : `after ${(ms / 1000).toFixed(1)} s`;
}

function judgeLock(found: LockFinding): Judgement {
  const effect = "programs that lock what they write (databases, ccache, package managers) may write at the same time";
  const fix =
    "mount the file system with locks for all machines (NFS: no nolock, no local_lock; FUSE: lock forwarding)";
  if (found === "kept") return ok("one machine's lock keeps the other out");
  if (found === "untold") return ok("not tried: python3 or perl has to be on both machines");
  if (found === "ignored") return warning("one machine's lock does not keep the other out", { effect, fix });
  return warning(`files cannot be locked (${found.error})`, { effect: "programs that lock files fail", fix });
}
