/** What `mexecd launched` does: it is the worker of a build that has started it, whose order comes through standard input. */

import { availableParallelism, hostname, tmpdir } from "node:os";
import { startLaunched } from "../node/launched.js";
import { closeInheritedDescriptors } from "../os/inherited-descriptors.js";
import { createSpawner } from "../os/spawn.js";

const MIN_NODE = { major: 20, minor: 19 } as const;

/** Says last why it ends. @returns the exit status; nobody hangs on it, as the build goes by what it was told */
export async function runLaunched(): Promise<number> {
  closeInheritedDescriptors();
  const temporaryDirectory = tmpdir();
  const worker = startLaunched({
    input: process.stdin,
    output: process.stdout,
    name: hostname(),
    slots: availableParallelism(),
    clientAddresses: sshClient(),
    fault: nodeFault(),
    log: (line) => process.stderr.write(`mexecd: ${line}\n`),
    clock: { nowMs: () => Date.now() },
    temporaryDirectory,
    spawner: createSpawner({ temporaryDirectory }),
    uid: process.getuid?.() ?? 0,
    limits: { memoryBytes: undefined, processes: undefined },
  });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => worker.stop(`it was ended by ${signal}`));
  const reason = await worker.ended;
  process.stderr.write(`mexecd: ${reason}\n`);
  return 0;
}

/** Where sshd says that the build is. */
function sshClient(): readonly string[] {
  const [address] = (process.env["SSH_CONNECTION"] ?? "").split(" ");
  return address === undefined || address === "" ? [] : [address];
}

function nodeFault(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNewEnough = major > MIN_NODE.major || (major === MIN_NODE.major && minor >= MIN_NODE.minor);
  if (isNewEnough) return undefined;
  return `it needs Node ${String(MIN_NODE.major)}.${String(MIN_NODE.minor)} or newer, and ${process.execPath} is ${process.version}: --remote-node names another`;
}
