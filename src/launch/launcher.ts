/** The port through which workers are started on other machines: a command whose standard input and output lead to one there. */

import type { Readable, Writable } from "node:stream";
import type { NodeId } from "../base/ids.js";

/** A machine on which a worker is to be started. */
export interface LaunchTarget {
  /** As the user, or the scheduler, calls it. */
  readonly node: NodeId;
  readonly host: string;
  /** Whom the worker is to be there; undefined: as the launcher has it. */
  readonly user: string | undefined;
  /** Of what leads there, such as sshd's; undefined: as the launcher has it. */
  readonly port: number | undefined;
}

/**
 * Starts commands on machines. It knows nothing of workers: what it starts there is WORKER_COMMAND, which reads all else, a script first and
 * then the order with the key, from its standard input (node/launched.ts). One command leads to one machine and stays as long as
 * its worker; when it ends the worker has ended, or ends since its standard input has.
 */
export interface Launcher {
  /** As messages have it: "ssh", "srun". */
  readonly name: string;
  /** Starts a command; that it cannot be started is told by its end. Never throws. */
  start(target: LaunchTarget): LaunchedCommand;
}

export interface LaunchedCommand {
  /** The worker's standard input. Its end is the worker's. */
  readonly toWorker: Writable;
  /** The worker's standard output; what comes before the worker's first word is not ours. */
  readonly fromWorker: Readable;
  /** Resolves when the command is gone. */
  readonly ended: Promise<CommandEnd>;
  /** Ends it here: its input has ended, and it has not. */
  kill(): void;
}

/** How a command ended. As no worker is left where it led, there is none for which this is a success. */
export interface CommandEnd {
  /** `unreachable`: it may be better later; `refused`: not before someone has put something right. */
  readonly kind: "unreachable" | "refused";
  /** A phrase that fits behind the node's name and a colon: "ssh: Connection refused". */
  readonly reason: string;
}

/**
 * What a launcher runs on a machine, standard input and output kept open and as they are (no terminal). No shell on the way, however many
 * there are, takes a character of it for something else.
 */
export const WORKER_COMMAND = ["/bin/sh", "-s"] as const;

/** What mexecd is told by those that start it for one purpose: it is the worker of a build, or of a node of a standing cluster. */
export const WORKER_WORDS = { launched: "launched", standing: "standing" } as const;
