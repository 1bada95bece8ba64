/**
 * What `mpmake --doctor` measures of a directory that two machines share: how long until one sees what the other has made or
 * changed after it had looked, and whether locks and exclusive creation hold between them.
 */

import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Canceller } from "../base/abort.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { errnoOf } from "../os/strerror.js";
import { factsOf } from "./doctor-facts.js";
import type { DoctorShell } from "./doctor-shell.js";

/** Until it was seen, in milliseconds; undefined: it was not as long as was waited. */
export interface SeenAfter {
  readonly thereMs: number | undefined;
  readonly hereMs: number | undefined;
}

/** `kept`: who holds it keeps the other machine out. `untold`: nothing was found that could try it. Else why it cannot be had. */
export type LockFinding = "kept" | "ignored" | "untold" | { readonly error: string };

export interface Sharing {
  /** A file that the other has made, after its name had been looked up in vain. */
  readonly made: SeenAfter;
  /** What the other has written to a file, after its size had been looked at. */
  readonly grown: SeenAfter;
  /** Whether of two machines that create one file exclusively only one does. */
  readonly exclusive: boolean;
  readonly flock: LockFinding;
  readonly fcntl: LockFinding;
}

const POLL_MS = 50;

/** Looks in vain, says so, and says what it sees as soon as it does, for so many looks. */
const WATCH = `
cd "$1" || exit
[ -e made-here ]; [ -s grown-here ]; [ -e only-here ]; : >grown-there; echo ready
made= grown= looks=0
while [ "$looks" -lt "$2" ] && [ "$made$grown" != yesyes ]; do
  [ "$made" ] || { [ -e made-here ] && made=yes && echo made; }
  [ "$grown" ] || { [ -s grown-here ] && grown=yes && echo grown; }
  PATH=$PATH:/usr/bin:/bin sleep 0.05; looks=$((looks + 1))
done
`;

/** Makes what this machine has looked for in vain, and tries to create exclusively what this machine has created. */
const MAKE = `
cd "$1" || exit
: >made-there; echo x >>grown-there
set -C
(: >only-there) 2>/dev/null; (: >only-here) 2>/dev/null && echo stolen
exit 0
`;

/** Takes both kinds of locks and says how that went; told to, it holds them until it is ended, for a while at most. */
const LOCK = `
cd "$1" || exit
if command -v python3 >/dev/null; then exec python3 -c '
import fcntl, sys, time
def attempt(name, call):
    file = open(name, "a")
    try:
        call(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        print(name + "=got")
    except OSError as error:
        print(name + "=" + ("busy" if error.errno in (11, 13) else error.strerror))
    return file
kept = [attempt("flock", fcntl.flock), attempt("fcntl", fcntl.lockf)]
print("ready", flush=True)
time.sleep(60 if sys.argv[1] == "hold" else 0)' "$2"
fi
command -v perl >/dev/null && exec perl -e '
use Fcntl qw(:flock :seek F_SETLK F_WRLCK);
sub attempt {
  my ($name, $call) = @_;
  open my $file, ">>", $name;
  print "$name=", $call->($file) ? "got" : $! == 11 || $! == 13 ? "busy" : "$!", "\\n";
  $file
}
@kept = (attempt("flock", sub { flock $_[0], LOCK_EX | LOCK_NB }),
  attempt("fcntl", sub { my $all = pack "s s x4 q q i x4", F_WRLCK, SEEK_SET, 0, 0, 0; fcntl $_[0], F_SETLK, $all }));
$| = 1; print "ready\\n"; sleep 60 if $ARGV[0] eq "hold"' "$2"
echo ready
`;

export interface SharingRequest {
  /** Runs scripts on the node. */
  readonly there: DoctorShell;
  /** Runs scripts on this machine. */
  readonly here: DoctorShell;
  /** The shared directory, absolute; we may write in it. */
  readonly directory: string;
  /** So long is waited until something is seen, in milliseconds. */
  readonly windowMs: number;
}

/** Nothing is left behind. @returns undefined when the node could not run the scripts */
export async function measureSharing(request: SharingRequest): Promise<Sharing | undefined> {
  const name = `.mpmake-doctor-${randomBytes(8).toString("hex")}`;
  const folder = resolveIn(request.directory, name);
  mkdirSync(toPath(folder), { mode: 0o700 });
  try {
    const caches = await measureCaches(request, name);
    return caches && { ...caches, ...(await measureLocks(request, name)) };
  } finally {
    rmSync(toPath(folder), { recursive: true, force: true });
  }
}

type Caches = Pick<Sharing, "made" | "grown" | "exclusive">;

async function measureCaches(
  { there, directory, windowMs }: SharingRequest,
  name: string,
): Promise<Caches | undefined> {
  const file = (base: string): string | Buffer => toPath(resolveIn(directory, `${name}/${base}`));
  const sizeOf = (base: string): number | undefined => statSync(file(base), { throwIfNoEntry: false })?.size;
  writeFileSync(file("grown-here"), "");
  const watcher = startWatch(there, name, windowMs);
  if (!(await watcher.isReady)) return undefined;
  for (const base of ["made-there", "only-there"]) sizeOf(base); // looked up in vain
  await seenAfter(() => sizeOf("grown-there") === 0, windowMs);
  closeSync(openSync(file("only-here"), "wx"));
  const beganMs = performance.now();
  writeFileSync(file("made-here"), "");
  writeFileSync(file("grown-here"), "x");
  const { good, printed } = await there.run(MAKE, { words: [name] });
  if (!good) return undefined;
  const exclusive = isTaken(file("only-there")) && !printed.includes("stolen");
  const [madeMs, grownMs] = await Promise.all([
    seenAfter(() => sizeOf("made-there") !== undefined, windowMs),
    seenAfter(() => (sizeOf("grown-there") ?? 0) > 0, windowMs),
    watcher.ended,
  ]);
  return {
    made: { thereMs: watcher.heardAfter("made", beganMs), hereMs: madeMs },
    grown: { thereMs: watcher.heardAfter("grown", beganMs), hereMs: grownMs },
    exclusive,
  };
}

interface Watcher {
  /** Resolves when it has looked in vain; false: it could not. */
  readonly isReady: Promise<boolean>;
  /** How long after a moment it said that it saw this; undefined: it has not. */
  heardAfter(what: string, beganMs: number): number | undefined;
  readonly ended: Promise<unknown>;
}

function startWatch(there: DoctorShell, name: string, windowMs: number): Watcher {
  const heardMs = new Map<string, number>();
  let tellReady: (isReady: boolean) => void = () => undefined;
  const isReady = new Promise<boolean>((resolve) => (tellReady = resolve));
  const ended = there
    .run(WATCH, {
      words: [name, String(Math.ceil(windowMs / POLL_MS))],
      onLine: (line) => {
        heardMs.set(line, performance.now());
        if (line === "ready") tellReady(true);
      },
    })
    .then(() => tellReady(false));
  const heardAfter = (what: string, beganMs: number): number | undefined => {
    const atMs = heardMs.get(what);
    return atMs === undefined ? undefined : atMs - beganMs;
  };
  return { isReady, ended, heardAfter };
}

/** Whether an exclusive creation finds that the file is there. */
function isTaken(path: string | Buffer): boolean {
  try {
    closeSync(openSync(path, "wx"));
    return false;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return true;
    throw error;
  }
}

/** @returns how long it took, in milliseconds; undefined: longer than the window */
async function seenAfter(isSeen: () => boolean, windowMs: number): Promise<number | undefined> {
  const beganMs = performance.now();
  while (!isSeen()) {
    if (performance.now() - beganMs > windowMs) return undefined;
    await pause(POLL_MS);
  }
  return performance.now() - beganMs;
}

async function measureLocks({ there, here }: SharingRequest, name: string): Promise<Pick<Sharing, "flock" | "fcntl">> {
  const cancel = new Canceller();
  const held: string[] = [];
  let tellHeld = (): void => undefined;
  const isHeld = new Promise<void>((resolve) => (tellHeld = resolve));
  const onLine = (line: string): void => {
    held.push(line);
    if (line === "ready") tellHeld();
  };
  const holding = there.run(LOCK, { words: [name, "hold"], onLine, cancel });
  await Promise.race([isHeld, holding]);
  const tried = factsOf((await here.run(LOCK, { words: [name, "try"] })).printed);
  cancel.abort();
  await holding;
  const theirs = factsOf(held.join("\n"));
  const judge = (kind: "flock" | "fcntl"): LockFinding => judgeLock(theirs.get(kind), tried.get(kind));
  return { flock: judge("flock"), fcntl: judge("fcntl") };
}

function judgeLock(theirs: string | undefined, ours: string | undefined): LockFinding {
  if (theirs === undefined || ours === undefined) return "untold";
  if (theirs !== "got") return { error: theirs };
  if (ours === "busy") return "kept";
  return ours === "got" ? "ignored" : { error: ours };
}
