/** What client and node say to each other, as plain data; codec.ts knows how each looks as bytes. */

import type { ExitStatus, MakeOutcome } from "../base/exit-status.js";
import type { ProcessSettings } from "../base/process-settings.js";
import type { FurtherDescriptor, RequestedDescriptor, Terminal } from "./descriptor.js";

/** A node's load, told with its greeting, its heartbeats and every job's end. */
export interface LoadReport {
  /** Jobs that run there now, of all clients. */
  readonly running: number;
  /** Over one minute, all processes of the machine. */
  readonly loadAverage: number;
  readonly freeMemoryBytes: number;
}

/** One recipe line to be run. */
export interface RequestedLine {
  readonly text: string;
  readonly ignoreErrors: boolean;
  /** It is run with `-c` alone, whatever `shellFlags` are. */
  readonly plainFlags?: true;
}

/** A job as a node gets it. All strings are byte strings without NUL. */
export interface RunRequest {
  /** For the node's log. */
  readonly target: string;
  readonly lines: readonly RequestedLine[];
  readonly oneShell: boolean;
  readonly shell: string;
  /** `.SHELLFLAGS` as written. */
  readonly shellFlags: string;
  /** Complete, `NAME=value` each. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly umask: number;
  /** Files that must be seen as certified before anything is started, if any; their paths are absolute. */
  readonly needs?: readonly FileReceipt[];
  /** Files to certify when the job has ended; relative ones to `directory`. */
  readonly writes: readonly string[];
  /** Absolute path of the program to run before the recipe, or empty. */
  readonly envsetter: string;
  /** Whether standard input will be sent; it is /dev/null otherwise. */
  readonly input: boolean;
  /** Whether standard output and standard error are one, so that their order is kept; all arrives as `stdout`. */
  readonly oneOutput: boolean;
  /** A program to be executed as it is, `argv[0]` first, in the place of the only line's text. */
  readonly argv?: readonly string[];
  /** Limits, priority and signals as on the client; the node's own when left out. */
  readonly settings?: ProcessSettings;
  /** Standard descriptors that are not what `input` and `oneOutput` say, by their numbers. */
  readonly descriptors?: readonly RequestedDescriptor[];
  /** Descriptors above 2, in the order of their numbers; without it there are none. */
  readonly further?: readonly FurtherDescriptor[];
  /** What the descriptors of the kind `terminal` are. */
  readonly terminal?: Terminal;
  /** The client has further slots for programs of the job that take part in the jobserver which its MAKEFLAGS names. */
  readonly sharesSlots?: true;
  /** Makes that programs of the job start may ask to be a part of the client's process. */
  readonly takesMakes?: true;
}

/** A make that a program of a job has started, and that asks to be a part of the client's process. All strings are byte strings without NUL. */
export interface JoinWish {
  /** How it was called. */
  readonly argv0: string;
  /** Behind that. */
  readonly argv: readonly string[];
  /** Complete, `NAME=value` each, with the client's own jobserver where the job has a FIFO of the node's. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly outputs: JoinOutputs;
  /** How large the file is that it is run from: another one is another version. */
  readonly programBytes: number;
}

/**
 * What a make that asks writes to. `one`: both outputs are one, so that their order counts, and all is to be sent as `stdout`; `terminal`: both
 * are the job's terminal, and so the client's own; nothing is to be sent.
 */
export type JoinOutputs = "two" | "one" | "terminal";

/** What a node certifies of a file after a job. */
export interface FileReceipt {
  readonly path: string;
  /** undefined: there is no such file. */
  readonly stat: { readonly sizeBytes: number; readonly mtimeNs: bigint; readonly ino: bigint } | undefined;
}

/** How a process can end on a node that lives to tell. */
export type ToldStatus = Exclude<ExitStatus, { readonly kind: "lost" }>;

export type RefusalCode =
  "busy" | "directory" | "envsetter" | "forbidden" | "request" | "system" | "unseen" | "descriptor";

export type ByeCode = "done" | "forbidden" | "protocol" | "version" | "silence" | "stopping";

/** Four times make a clock's offset: ours when sent, theirs when received and answered, ours when the answer came. */
interface Answered {
  /** The asker's time, sent back. */
  readonly askedMs: number;
  readonly receivedMs: number;
  readonly answeredMs: number;
}

export type ConnectionMessage =
  /** Client: the first message. */
  | {
      readonly type: "hello";
      readonly stream: 0;
      readonly version: number;
      /** `user@host`, for the node's log. */
      readonly name: string;
      readonly uid: number;
      readonly askedMs: number;
      /** A MUNGE credential that holds this connection's number, if the client gives one. */
      readonly munge?: string;
    }
  /** Node: the client is let in. Nothing of value is sent to a node before this. */
  | ({
      readonly type: "hello-ack";
      readonly stream: 0;
      readonly version: number;
      readonly name: string;
      readonly slots: number;
      /** Whom recipes run as. */
      readonly uid: number;
      readonly load: LoadReport;
    } & Answered)
  | { readonly type: "ping"; readonly stream: 0; readonly askedMs: number }
  /** `load` is the node's; a client's is all zeros. */
  | ({ readonly type: "pong"; readonly stream: 0; readonly load: LoadReport } & Answered)
  | { readonly type: "bye"; readonly stream: 0; readonly code: ByeCode; readonly text: string };

export type ClientJobMessage =
  /** Before a request: files that the job needs to see; several of them add up. */
  | { readonly type: "need"; readonly stream: number; readonly files: readonly FileReceipt[] }
  /** A piece of a request that does not fit in one frame; the next frame about a request continues it. */
  | { readonly type: "run-part"; readonly stream: number; readonly bytes: Uint8Array }
  /** The request's last or only piece, as the sender's side of the codec sees it. */
  | { readonly type: "run"; readonly stream: number; readonly request: RunRequest }
  | { readonly type: "stdin"; readonly stream: number; readonly bytes: Uint8Array }
  | { readonly type: "stdin-end"; readonly stream: number }
  /** End the job: this signal now, and after a grace period SIGKILL. Of a make, by the node: its launcher has ended. */
  | { readonly type: "cancel"; readonly stream: number; readonly signal: number }
  /** Hand this signal to the running program and its group, as a shell here would; the job goes on. Of a make, by the node: it was sent one. */
  | { readonly type: "signal"; readonly stream: number; readonly signal: number }
  /** The client's terminal has another size. */
  | { readonly type: "resize"; readonly stream: number; readonly rows: number; readonly columns: number }
  /** Nobody reads this output (1 or 2) any more: whoever writes it is to notice. */
  | { readonly type: "unread"; readonly stream: number; readonly fd: number }
  /** The further slot that was asked for: one more program of the job may run. */
  | { readonly type: "slot"; readonly stream: number }
  /** Do you see this directory? Read FILE in it and write another, `FILE.answer`. An empty file name: tell what it is only. */
  | { readonly type: "prove"; readonly stream: number; readonly directory: string; readonly file: string }
  /** The proof is over: remove what you wrote. */
  | { readonly type: "prove-end"; readonly stream: number }
  /** The make that has asked has to start by itself. */
  | { readonly type: "join-refused"; readonly stream: number; readonly join: number };

/** On a stream of its own: a make of a job that runs in the client. `stdout`, `stderr`: what it writes; credit and `unread` answer that. */
export type MakeMessage =
  /** Client: the make that has asked on the stream `job` runs now, and this stream is its. */
  | { readonly type: "joined"; readonly stream: number; readonly job: number; readonly join: number }
  /** Client: it has ended so, behind all its output. */
  | { readonly type: "made"; readonly stream: number; readonly status: MakeOutcome };

export type NodeJobMessage =
  /** Line `index` starts. */
  | { readonly type: "line"; readonly stream: number; readonly index: number }
  | { readonly type: "stdout"; readonly stream: number; readonly bytes: Uint8Array }
  | { readonly type: "stderr"; readonly stream: number; readonly bytes: Uint8Array }
  /** What was written to the job's terminal. */
  | { readonly type: "terminal"; readonly stream: number; readonly bytes: Uint8Array }
  /** How far standard input was read, when it is a file; or, with `fd`, the file that a further descriptor is. */
  | { readonly type: "input-offset"; readonly stream: number; readonly offset: number; readonly fd?: number }
  | { readonly type: "line-failed"; readonly stream: number; readonly index: number; readonly status: ToldStatus }
  /** Nobody will write to this output (1 or 2) any more. */
  | { readonly type: "written"; readonly stream: number; readonly fd: number }
  /** Nobody reads standard input any more. */
  | { readonly type: "input-unread"; readonly stream: number }
  /** What cancelling the job, or a signal that ended it, left to be done: processes that were ended, and those that are left. */
  | { readonly type: "swept"; readonly stream: number; readonly ended: number; readonly left: number }
  /** Programs of the job take part in the jobserver, and have use for one more slot. */
  | { readonly type: "slot-wanted"; readonly stream: number }
  /** One of the slots that were granted is not used any more. */
  | { readonly type: "slot-back"; readonly stream: number }
  /** A make that a program of the job has started asks to be taken in; numbered upwards from 1. */
  | { readonly type: "join"; readonly stream: number; readonly join: number; readonly wish: JoinWish }
  /** Something for `--debug`: what ENVSETTER printed. */
  | { readonly type: "note"; readonly stream: number; readonly text: string }
  | {
      readonly type: "exit";
      readonly stream: number;
      readonly status: ToldStatus;
      readonly receipts: readonly FileReceipt[];
      /** On the node's clock. */
      readonly startedMs: number;
      readonly endedMs: number;
      readonly load: LoadReport;
    }
  /** No line was started. */
  | {
      readonly type: "refuse";
      readonly stream: number;
      readonly code: RefusalCode;
      /** `ENOENT` or the like; empty when no system call failed. */
      readonly errno: string;
      readonly text: string;
    }
  | {
      readonly type: "proof";
      readonly stream: number;
      /** What failed, as errno, or empty. */
      readonly errno: string;
      readonly isDirectory: boolean;
      readonly ino: bigint;
      readonly mtimeNs: bigint;
      /** What the client's file holds. */
      readonly seen: string;
      /** What the node wrote into its own file. */
      readonly written: string;
    };

/** Of one further descriptor, from either side. */
export type DescriptorMessage =
  | { readonly type: "fd-data"; readonly stream: number; readonly fd: number; readonly bytes: Uint8Array }
  /** No more comes of it from here. */
  | { readonly type: "fd-end"; readonly stream: number; readonly fd: number }
  /** What comes of it is not read here any more. */
  | { readonly type: "fd-unread"; readonly stream: number; readonly fd: number }
  /** So many bytes of it were taken and may be sent anew. */
  | { readonly type: "fd-credit"; readonly stream: number; readonly fd: number; readonly bytes: number };

/** So many bytes of input or output were taken and may be sent anew; stream 0 speaks of the whole connection. */
export interface CreditMessage {
  readonly type: "credit";
  readonly stream: number;
  readonly bytes: number;
}

export type Message =
  ConnectionMessage | ClientJobMessage | NodeJobMessage | MakeMessage | DescriptorMessage | CreditMessage;
export type MessageType = Message["type"];
export type MessageOf<Type extends MessageType> = Extract<Message, { readonly type: Type }>;
