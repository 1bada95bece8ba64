/** The nodes on which a session starts workers of its own: started by the make at its top, and reached through it by those below. */

import type { Duplex } from "node:stream";
import type { Observer } from "../events/event.js";
import { fail, ok, type Result } from "../base/result.js";
import { LaunchedWorkers, type WantedWorker } from "../launch/launched-workers.js";
import type { Launcher } from "../launch/launcher.js";
import { sshLauncher } from "../launch/ssh.js";
import { templateLauncher } from "../launch/template.js";
import { installedWorker } from "../launch/worker-file.js";
import { greetNode } from "../net/connect.js";
import type { NodeConnection, WallClock } from "../net/node-connection.js";
import { toUnicode } from "../os/bytes.js";
import type { LaunchedAddress, NodeAddress } from "../placement/node-directory.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import type { LeftOut } from "./cluster-link.js";
import type { ClusterSettings } from "./config.js";
import type { ComingNodes, HeldAllocation } from "./held-allocation.js";
import { startsWorkers } from "./starts-workers.js";
import { askForComing, askForKey, askForNode, type LaunchDoor, openDoor } from "./launch-door.js";

export interface LaunchedNodes {
  /** Starts the workers of all nodes that are known, which takes a while: they are about to be reached for. */
  prepare(): void;
  /** A connection to a node's worker, which is started unless it stands. */
  reach(address: LaunchedAddress): Promise<Result<NodeConnection, LeftOut>>;
  /** Nodes that are still to come, and are asked for when this is; undefined: all are known. */
  readonly coming: ComingNodes | undefined;
  /** When a scheduler takes its nodes back, as far as is known. */
  readonly endsAtMs: number | undefined;
  /** This process is about to be stopped, for a while. */
  rest(): void;
  /** Ends the workers that it has started. Resolves when nothing of them is left, which takes a moment. */
  close(): Promise<void>;
}

export interface LaunchedNodesOptions {
  readonly settings: ClusterSettings;
  /** `NAME=value` each: what ssh and other commands have. */
  readonly environment: readonly string[];
  /** Where they run. */
  readonly directory: string;
  readonly clock: WallClock;
  readonly observe: Observer;
  /** Whether other makes may come, and are to find the workers. */
  readonly hasSubMakes: boolean;
}

/** Once a worker has answered it greets at once, if it is one. */
const GREET_WITHIN_MS = 10_000;
/** For all that it takes until a worker stands: a connection, a login, and perhaps its file. */
const LAUNCH_WITHIN_MS = 30_000;

/** undefined when no worker is to be started anywhere. @throws HostError when sub-makes cannot be given a way to them */
export async function openLaunchedNodes(options: LaunchedNodesOptions): Promise<LaunchedNodes | undefined> {
  const { settings, hasSubMakes } = options;
  if (!startsWorkers(settings)) return undefined;
  if (settings.isSubMake) return new NodesAbove(options);
  const nodes = new OwnNodes(options, await heldAllocation(options));
  if (hasSubMakes) await nodes.openDoor();
  return nodes;
}

function isLaunched(address: NodeAddress): address is LaunchedAddress {
  return address.kind === "launched";
}

/** Of the make at the top, or of a tool that stands alone. */
class OwnNodes implements LaunchedNodes {
  readonly #options: LaunchedNodesOptions;
  readonly #workers: LaunchedWorkers;
  readonly #launchers: Readonly<Record<LaunchedAddress["way"], () => Launcher>>;
  readonly #held: HeldAllocation | undefined;
  #door: LaunchDoor | undefined;

  constructor(options: LaunchedNodesOptions, held: HeldAllocation | undefined) {
    this.#options = options;
    const { settings, observe } = options;
    const { launch, connectTimeoutMs } = settings;
    const note = (text: string): void => observe({ type: "debug", level: "jobs", depth: 0, text });
    this.#held = held;
    this.#launchers = launchersOf(options, { note, held: this.#held });
    this.#workers = new LaunchedWorkers({
      workerPath: installedWorker(),
      ownNode: process.execPath,
      remoteNode: launch.remoteNode,
      isTunnelled: launch.isTunnelled,
      ports: launch.ports,
      isDebug: false,
      withinMs: Math.max(LAUNCH_WITHIN_MS, connectTimeoutMs),
      onNote: note,
      onTunnel: (node, { name }, reason) =>
        observe({
          type: "message",
          stream: "stderr",
          text: `node ${node} cannot call back (${reason}): it is reached through ${name}, as others that cannot are`,
        }),
    });
  }

  get coming(): LaunchedNodes["coming"] {
    return this.#held?.coming;
  }

  get endsAtMs(): number | undefined {
    return this.#held?.endsAtMs;
  }

  async openDoor(): Promise<void> {
    const { nodes, launch } = this.#options.settings;
    this.#door = await openDoor({
      directory: launch.door,
      credential: () => this.#workers.credential(),
      connect: (name) => {
        const address = [...nodes, ...(this.#held?.nodes ?? [])].find((each) => each.node === name);
        if (address !== undefined && isLaunched(address)) return this.#connect(address);
        return Promise.resolve(fail({ kind: "unreachable", reason: "the make above does not know it" }));
      },
      coming: () => this.coming ?? Promise.resolve(ok([])),
    });
  }

  prepare(): void {
    for (const address of this.#options.settings.nodes)
      if (isLaunched(address)) this.#workers.start(this.#wanted(address));
  }

  async reach(address: LaunchedAddress): Promise<Result<NodeConnection, LeftOut>> {
    const stream = await this.#connect(address);
    return stream.ok ? greet(stream.value, await this.#workers.credential(), this.#options) : stream;
  }

  rest(): void {
    this.#workers.rest();
  }

  async close(): Promise<void> {
    this.#door?.close();
    await this.#workers.close();
    await this.#held?.close();
  }

  #connect(address: LaunchedAddress): Promise<Result<Duplex, LeftOut>> {
    return this.#workers.connect(this.#wanted(address));
  }

  #wanted({ node, host, user, port, slots, way }: LaunchedAddress): WantedWorker {
    return { node, host, user, port, slots, launcher: this.#launchers[way]() };
  }
}

function launchersOf(
  options: LaunchedNodesOptions,
  { note, held }: { readonly note: (text: string) => void; readonly held: HeldAllocation | undefined },
): Readonly<Record<LaunchedAddress["way"], () => Launcher>> {
  const { ssh, template } = options.settings.launch;
  const [program = "ssh", ...words] = ssh;
  const common = surroundings(options);
  const ofScheduler = (): Launcher => {
    if (held === undefined) throw new Error("internal error: a scheduler's node, and no scheduler");
    return held.launcher();
  };
  return {
    srun: ofScheduler,
    qrsh: ofScheduler,
    ssh: () => sshLauncher({ ...common, program, words, onError: (line) => note(`ssh: ${line}`) }),
    exec: () => {
      if (template === undefined) throw new Error("internal error: a node to be reached by a command, and no command");
      return templateLauncher({ ...common, template, onError: (line) => note(`${template}: ${line}`) });
    },
  };
}

async function heldAllocation(options: LaunchedNodesOptions): Promise<HeldAllocation | undefined> {
  const { settings, clock, observe } = options;
  const { scheduler } = settings;
  if (scheduler === undefined) return undefined;
  const { HeldAllocation } = await import("./held-allocation.js");
  return new HeldAllocation({ ...surroundings(options), scheduler, clock, observe });
}

/** What commands have around them. */
function surroundings({ environment, directory }: LaunchedNodesOptions) {
  return { environment: recordOf(environment), directory: toUnicode(directory) ?? "/" };
}

function recordOf(environment: readonly string[]): Readonly<Record<string, string>> {
  const entries = environment.map((entry) => {
    const text = toUnicode(entry) ?? entry;
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** Of a make below: it asks the one at the top. */
class NodesAbove implements LaunchedNodes {
  readonly endsAtMs = undefined;
  /** The one at the top starts them. */
  readonly prepare = (): void => undefined;
  readonly #options: LaunchedNodesOptions;
  #credential: Promise<Result<ClientKeyFile, string>> | undefined;

  constructor(options: LaunchedNodesOptions) {
    this.#options = options;
  }

  get coming(): ComingNodes | undefined {
    const { scheduler, launch } = this.#options.settings;
    return scheduler?.kind === "ask" ? askForComing(launch.door) : undefined;
  }

  async reach({ node }: LaunchedAddress): Promise<Result<NodeConnection, LeftOut>> {
    const { door } = this.#options.settings.launch;
    this.#credential ??= askForKey(door);
    const credential = await this.#credential;
    if (!credential.ok) return fail({ kind: "refused", reason: credential.error });
    const stream = await askForNode(door, node);
    return stream.ok ? greet(stream.value, credential.value, this.#options) : stream;
  }

  rest(): void {
    // the make at the top is stopped, too, if it is to be
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function greet(
  stream: Duplex,
  credential: ClientKeyFile,
  { clock }: LaunchedNodesOptions,
): Promise<Result<NodeConnection, LeftOut>> {
  const greeted = await greetNode(stream, { credential, clock, timeoutMs: GREET_WITHIN_MS });
  if (greeted.ok) return greeted;
  const { kind, text } = greeted.error;
  const isLate = kind === "unreachable" || kind === "timeout";
  return fail({ kind: isLate ? "unreachable" : "unfit", reason: text });
}
