/** Clients that a worker does not hear any more, workers that die, and what is left of their jobs then. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type ExpectStatic, test } from "vitest";
import type { LocalWorker } from "../../src/launch/local.js";
import { CLIENT_SILENCE_MS, FENCE_AFTER_END_MS } from "../../src/wire/limits.js";
import { TcpRelay } from "../rig/tcp-relay.js";
import { cgroupOf, processesRunning, processesWith, readLines, Rig } from "./rig.js";

/** By then a node has ended everything of a client that it does not hear. */
const PROMISED_MS = CLIENT_SILENCE_MS + FENCE_AFTER_END_MS;
/** The worker counts half seconds, and this machine may be slow. */
const TOLERANCE_MS = 4000;

interface Fleeing extends AsyncDisposable {
  readonly rig: Rig;
  readonly worker: LocalWorker;
  readonly relay: TcpRelay;
  readonly client: ReturnType<Rig["start"]>;
  /** How many processes the job has. */
  readonly count: number;
  /** Those of them that live. */
  readonly left: () => readonly string[];
}

/**
 * Starts a job that leaves a process in its group, two in a session of their own that do not hear SIGTERM, and where there are
 * control groups by which it is found, one without the variable that marks a job.
 */
async function startFleeing(expect: ExpectStatic, words: (rig: Rig) => readonly string[] = () => []): Promise<Fleeing> {
  const rig = new Rig();
  const { workers } = await rig.startWorkers({ count: 1, slots: 1, words: words(rig) });
  const [worker] = workers as readonly [LocalWorker];
  const relay = await TcpRelay.to(worker.port);
  const isGrouped = existsSync(`${cgroupOf(worker.pid)}/mpmake-${String(worker.pid)}`);
  const daemon = `sleep 1000.${String(worker.port)}`;
  const unmarked = isGrouped ? `env -i setsid sh -c '${daemon} & :';` : "";
  const started = rig.makeFifo("started");
  const script = `sleep 1000 & setsid sh -c 'trap "" TERM; sleep 1000; :' & ${unmarked} echo > started; wait`;
  const mark = `ending-${String(worker.port)}`;
  const environment = { MPMAKE_KEY: `${rig.key}.pub`, MPMAKE_TEST_MARK: mark };
  const nodes = `127.0.0.1:${String(relay.port)}`;
  const client = rig.start("mexecvp", ["--nodes", nodes, "sh", "-c", script], { environment });
  await readLines(started, 1);
  const left = (): readonly string[] => [
    ...processesWith(`MPMAKE_TEST_MARK=${mark}`).filter((one) => Number(one) !== client.pid),
    ...processesRunning(daemon),
  ];
  const count = isGrouped ? 5 : 4;
  await expect.poll(() => left().length, { timeout: 5000 }).toBe(count);
  const dispose = async (): Promise<void> => {
    client.kill("SIGKILL");
    await client;
    await relay[Symbol.asyncDispose]();
    await rig[Symbol.asyncDispose]();
  };
  return { rig, worker, relay, client, count, left, [Symbol.asyncDispose]: dispose };
}

/** How a client falls silent while its connection stands. */
const SILENCES: readonly (readonly [name: string, silence: (fleeing: Fleeing) => void])[] = [
  ["cut off by the network", ({ relay }) => relay.cut()],
  ["stopped, so that it renews nothing", ({ client }) => void client.kill("SIGSTOP")],
];

describe("a client that is", { tags: ["root"] }, () => {
  test.for(SILENCES)(
    "%s: all processes of its job are gone in time, also those that fled, and the log says why",
    { concurrent: true, timeout: 60_000 },
    async ([, silence], { expect }) => {
      const auditOf = (rig: Rig): string => join(rig.directory, "audit");
      await using fleeing = await startFleeing(expect, (rig) => ["--audit", auditOf(rig)]);
      const { rig, left, count } = fleeing;
      const before = performance.now();
      silence(fleeing);
      await expect.poll(left, { timeout: PROMISED_MS + TOLERANCE_MS, interval: 100 }).toEqual([]);
      expect(performance.now() - before).toBeGreaterThan(CLIENT_SILENCE_MS - 2000); // its last word came a ping earlier
      const log = (): unknown[] => readFileSync(auditOf(rig), "utf8").split("\n").filter(Boolean).map(parse);
      await expect.poll(log, { timeout: 5000 }).toEqual([
        expect.objectContaining({
          event: "job",
          target: "sh",
          status: { kind: "signalled", signal: 15, core: false },
          ended: { because: "no sign of life for 15 s", processes: count, left: 0 },
        }),
      ]);
    },
  );
});

test(
  "a worker that is killed: all processes of its jobs go with it, also those that fled",
  { tags: ["root"] },
  async ({ expect }) => {
    await using fleeing = await startFleeing(expect);
    const { worker, left } = fleeing;
    worker.kill("SIGKILL");
    await worker.ended;
    await expect.poll(left, { timeout: FENCE_AFTER_END_MS + TOLERANCE_MS, interval: 50 }).toEqual([]);
  },
);

function parse(line: string): unknown {
  return JSON.parse(line);
}
