/** A worker with a program of its own, which is found by announcement: what `cservice` is. */

import type { Socket } from "node:net";
import { availableParallelism, loadavg } from "node:os";
import { fail, ok, type Result } from "../base/result.js";
import { hearClient } from "../net/client-listener.js";
import { applicationKeyOf } from "../net/datagram-proof.js";
import { ownAddress, peerAddress } from "../net/peer-address.js";
import type { FurtherDescriptor, RequestedDescriptor } from "../wire/descriptor.js";
import type { GroupAddress } from "../wire/group.js";
import type { WorkerKeyFile } from "../wire/key-file.js";
import type { RunRequest } from "../wire/message.js";
import { House, type HouseOptions } from "./house.js";
import { startResponder } from "./responder.js";
import type { JobRefusal, Servant } from "./session.js";

/** What it runs, whoever asks; byte strings. */
export interface ServiceProgram {
  /** The program first. */
  readonly argv: readonly string[];
  /** Complete but for what it is told of its client. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly umask: number;
}

export interface ServiceOptions extends HouseOptions {
  readonly credential: WorkerKeyFile;
  readonly group: readonly GroupAddress[];
  readonly program: ServiceProgram;
}

export interface Service {
  /** Answers nobody any more, and resolves when what runs has ended. */
  drain(): Promise<void>;
  /** Ends what runs, and resolves when nothing of it is left. */
  stop(): Promise<void>;
}

/** Waits for announcements. The failure is a phrase. */
export async function startService(options: ServiceOptions): Promise<Result<Service, string>> {
  const { audit, clock, credential } = options;
  const house = new House(options);
  const serve = (socket: Socket): void =>
    hearClient(socket, {
      terms: () => ({ credential, admits: () => true, trusts: undefined }),
      clock,
      onGreeted: ({ stream, address, fingerprint, receivedMs }) =>
        house.serve(stream, { address, fingerprint, receivedMs, servant: servantOf(options.program, socket) }),
      onRejected: (address, reason) => audit.rejected(address, reason),
    });
  const responder = await startResponder({
    ...options,
    key: applicationKeyOf(credential),
    wanted: "service",
    load: () => ({ running: house.running, loadAverage: loadavg()[0] ?? 0, processors: availableParallelism() }),
    hasRoom: (calls) => calls < options.slots,
    admits: () => true,
    random: Math.random,
    onReached: serve,
  });
  if (!responder.ok) return responder;
  return ok({
    drain: () => (responder.value.close(), house.drain()),
    stop: () => (responder.value.close(), house.stop()),
  });
}

/** What a client may say of itself to the program: `PEER_NAME=value`. */
const PEER_VARIABLE = /^PEER_[A-Za-z_][A-Za-z0-9_]*=/;

/** What the program is told of its client has no other source. */
const TOLD_VARIABLE = /^(PEER_[^=]*|(REMOTE|SERVER)_(ADDR|PORT))=/;

/** Takes of what is asked for no more than the kinds of descriptors and the client's words about itself. */
function servantOf(program: ServiceProgram, socket: Socket): Servant {
  const told = [
    `REMOTE_ADDR=${peerAddress(socket)}`,
    `REMOTE_PORT=${String(socket.remotePort ?? 0)}`,
    `SERVER_ADDR=${ownAddress(socket)}`,
    `SERVER_PORT=${String(socket.localPort ?? 0)}`,
  ];
  const own = program.environment.filter((entry) => !TOLD_VARIABLE.test(entry));
  return ({
    environment,
    input,
    oneOutput,
    descriptors = [],
    further = [],
    terminal,
  }): Result<RunRequest, JobRefusal> => {
    if (![...descriptors, ...further].every(isHarmless)) return fail(NOT_BY_PATH);
    const { argv, directory, umask } = program;
    const [file = ""] = argv;
    return ok({
      target: file,
      lines: [{ text: "", ignoreErrors: false }],
      oneShell: false,
      shell: "",
      shellFlags: "",
      argv,
      environment: [...own, ...told, ...environment.filter((entry) => PEER_VARIABLE.test(entry))],
      directory,
      umask,
      writes: [],
      envsetter: "",
      input,
      oneOutput,
      descriptors,
      further,
      ...(terminal !== undefined && { terminal }),
    });
  };
}

const NOT_BY_PATH: JobRefusal = { code: "descriptor", errno: "EACCES", text: "opens no files for its clients" };

/** Nothing of this machine's that has a name is opened, but for what gives and takes nothing. */
function isHarmless(descriptor: RequestedDescriptor | FurtherDescriptor): boolean {
  if (descriptor.kind === "device") return descriptor.path === "/dev/null";
  return descriptor.kind !== "file";
}
