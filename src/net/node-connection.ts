/** A connection to a node, as its users see it. Made by `connectNode`. */

import type { Readable } from "node:stream";
import type { MakeOutcome } from "../base/exit-status.js";
import type { Result } from "../base/result.js";
import type { FileReceipt, JoinWish, LoadReport, RefusalCode, RunRequest, ToldStatus } from "../wire/message.js";

/** The time of day, in milliseconds since the epoch. */
export interface WallClock {
  nowMs(): number;
}

/** What a node said of itself when it let us in. */
export interface NodeGreeting {
  readonly name: string;
  /** Jobs it offers to run at once. */
  readonly slots: number;
  /** Whom recipes run as there. */
  readonly uid: number;
}

export type LoadListener = (load: LoadReport, takenMs: number) => void;

export interface NodeConnection {
  readonly node: NodeGreeting;
  /** The latest load it told. */
  readonly load: LoadReport;
  /** Its clock minus ours; wrong by half of `roundTripMs` at most. */
  readonly clockOffsetMs: number;
  readonly roundTripMs: number;
  /** Whether jobs can still be given to it. */
  readonly isOpen: boolean;
  /** Calls back with every load it tells, and when it was so, on our clock. */
  onLoad(listener: LoadListener): void;
  /** Calls back once when the connection ends without our doing; at once when it has. */
  onLost(listener: (reason: string) => void): void;
  /** Whether the node sees the same directory under the same name. Nothing is left behind in it. */
  proveDirectory(directory: string): Promise<Result<DirectoryProof, DirectoryFailure>>;
  /** Starts a job. Calls of `on` stop when `outcome` is there. */
  run(request: RunRequest, on: RemoteJobObserver, input?: Readable): RemoteJob;
  /** Says goodbye; jobs that still run are ended there. */
  close(): Promise<void>;
}

export interface DirectoryProof {
  /** `nonce`: each side read what the other had just written. `identity`: we may not write there; number and time agree. */
  readonly by: "nonce" | "identity";
  /** Whether both sides call it by one inode number; some network file systems number for themselves. */
  readonly sameInode: boolean;
}

export interface DirectoryFailure {
  /** `absent`: not there, or no directory; `other`: another one; `unwritable`: the node may not write in it; `lost`: no answer. */
  readonly kind: "absent" | "other" | "unwritable" | "lost";
  /** A phrase that fits behind a node's name: "sees another directory at /x". */
  readonly text: string;
}

/** `terminal`: what was written to the terminal that the job has, by whatever descriptor. */
export type OutputStream = "stdout" | "stderr" | "terminal";

export interface RemoteJobObserver {
  /** Line `index` starts. */
  line(index: number): void;
  /** Output; `bytes` is to be used before returning. The node may send more when the promise resolves, if there is one. */
  data(stream: OutputStream, bytes: Uint8Array): void | Promise<void>;
  /** Nobody there will write to output 1 or 2 any more. */
  written?(fd: number): void;
  /** The input cannot be read any further here; for the job it has ended. */
  inputFailed?(errno: string): void;
  /** Nobody there reads the input any more. */
  inputUnread?(): void;
  /** How far the file that is standard input was read. */
  inputOffset?(offset: number): void;
  /** The other ends of its descriptors above 2. */
  readonly further?: FurtherEnds | undefined;
  /** Programs of the job have use for one more slot; not said again before it is granted. Only of a job that shares slots. */
  slotWanted?(): void;
  /** One of those that were granted is not used any more. What a job has when it ends is not said. */
  slotBack?(): void;
  /**
   * A make that a program of the job has started asks to be a part of this process. Only of a job that takes makes.
   *
   * @returns undefined: it has to start by itself. It does not reject
   */
  makeWanted?(wish: JoinWish): Promise<FarMake | undefined>;
  lineFailed(index: number, status: ToldStatus): void;
  /** For `--debug`: what ENVSETTER printed. */
  note(text: string): void;
}

/** A make that can be run here for a program there. One of its two is called, once. */
export interface FarMake {
  /** @param send - takes some of what it writes, and tells how much; the rest is to be sent when there is credit */
  start(send: (stream: "stdout" | "stderr", bytes: Uint8Array) => number): FarMakeRun;
  /** It is not wanted any more. */
  dispose(): void;
}

export interface FarMakeRun {
  /** Resolves when it has ended, and all that it wrote is sent. It does not reject. */
  readonly ended: Promise<MakeOutcome>;
  /** A signal was sent to it. */
  signal(signal: number): void;
  /** It is to end, as by this signal; nobody wants what it still writes. */
  end(signal: number): void;
  /** Nobody reads that output any more. */
  unread(fd: number): void;
  /** There may be credit again. */
  credit(): void;
}

/** Our ends of a job's descriptors above 2, by their numbers. */
export interface FurtherEnds {
  /** What is sent of one of which something is; asked for when the job has started. */
  input(fd: number): Readable;
  /** One cannot be read any further; for the job it has ended. */
  failed(fd: number, errno: string): void;
  /** Takes what was written to one; `bytes` is to be used before returning. @returns whether somebody reads it; it does not reject */
  write(fd: number, bytes: Uint8Array): Promise<boolean>;
  /** Nobody there will write to it any more. */
  written(fd: number): void;
  /** Nobody there reads it any more. */
  unread(fd: number): void;
  /** So far it was read: it is a file that the node has opened itself. */
  readUpTo(fd: number, offset: number): void;
}

export type RemoteOutcome =
  | {
      readonly kind: "ended";
      readonly status: ToldStatus;
      readonly receipts: readonly FileReceipt[];
      /** What ending it took, if it did not end by itself: processes that are gone, and those that are not. */
      readonly swept: { readonly ended: number; readonly left: number } | undefined;
      /** On our clock. */
      readonly startedMs: number;
      readonly endedMs: number;
    }
  /** The node did not start it, and says why: `text` is a phrase that fits behind the node's name. */
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly errno: string; readonly text: string }
  /** The connection ended first. `started` false: it was never asked; else the node has surely ended it after `fenceMs`. */
  | { readonly kind: "lost"; readonly started: boolean; readonly reason: string; readonly fenceMs: number };

export interface RemoteJob {
  /** Never rejects. */
  readonly outcome: Promise<RemoteOutcome>;
  /** Ends every process of the job: by this signal, and by SIGKILL if that does not help. */
  cancel(signal: number): void;
  /** Hands a signal to the running program and its group. */
  signal(signal: number): void;
  /** The terminal has another size. */
  resize(size: { readonly rows: number; readonly columns: number }): void;
  /** Nobody here reads output 1 or 2 any more. */
  unread(fd: number): void;
  /** Grants the slot that is wanted. */
  slot(): void;
}

/** Why a node could not be reached. */
export interface ConnectFailure {
  /**
   * `unreachable`: nothing listens, or no way leads there; `timeout`; `refused`: it does not let us in; `wrong-key`: it, or we,
   * hold another key; `protocol`: it speaks something else.
   */
  readonly kind: "unreachable" | "timeout" | "refused" | "wrong-key" | "protocol";
  /** A phrase that fits behind a node's name and a colon. */
  readonly text: string;
}
