/** What is counted of jobs whose makes run in their clients: these may say what they like. */

import { duplexPair } from "node:stream";
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { Audit } from "../../src/node/audit.js";
import { House } from "../../src/node/house.js";
import { createSpawner } from "../../src/os/spawn.js";
import { Endpoint, type Received, type Sendable } from "../../src/wire/endpoint.js";
import { tool } from "../cluster/rig.js";
import { clock, requestOf, temporaryDirectory } from "../net/worker-rig.js";

/** How many jobs it said that it runs, each time. */
class CountedHouse {
  readonly directory = temporaryDirectory();
  readonly told: number[] = [];
  readonly house: House = new House({
    ...{ name: "n1", slots: 2, clock, temporaryDirectory: this.directory, uid: process.getuid!(), debug: undefined },
    spawner: createSpawner({ temporaryDirectory: this.directory }),
    audit: new Audit(() => undefined, clock),
    limits: { memoryBytes: undefined, processes: undefined },
    onRunning: () => this.told.push(this.house.running),
    graceMs: 100,
  });

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house.stop();
    rmSync(this.directory, { recursive: true });
  }
}

class Client {
  readonly heard: Received[] = [];
  readonly #directory: string;
  readonly #endpoint = new Endpoint("client");
  readonly #stream;

  constructor({ house, directory }: CountedHouse, maxJobs?: number) {
    const [ours, theirs] = duplexPair();
    this.#directory = directory;
    this.#stream = ours.on("data", (bytes: Buffer) => this.heard.push(...this.#endpoint.receive(bytes)));
    house.serve(theirs, { address: "127.0.0.1", fingerprint: "one", receivedMs: clock.nowMs(), maxJobs });
    this.send({ type: "hello", stream: 0, version: 1, name: "c", uid: process.getuid!(), askedMs: 0 });
  }

  send(message: Sendable): void {
    this.#endpoint.send(message);
    for (const bytes of this.#endpoint.takeOutput()) this.#stream.write(bytes);
  }

  /** @returns its stream */
  run(line: string): number {
    const stream = this.#endpoint.newStream()!;
    this.send({
      type: "run",
      stream,
      request: requestOf(this.#directory, [CLOSES + line], { shell: "/bin/bash", takesMakes: true }),
    });
    return stream;
  }

  /** All that is said of a job, by type. */
  async hear(type: Received["type"], job: number, count = 1): Promise<void> {
    const said = () => this.heard.filter((one) => one.type === type && "stream" in one && one.stream === job).length;
    await expect.poll(said, { timeout: 5_000 }).toBe(count);
  }

  /** Says that it runs one. @returns its stream */
  join(job: number, join = 1): number {
    const stream = this.#endpoint.newStream()!;
    this.send({ type: "joined", stream, job, join });
    return stream;
  }

  end(stream: number): void {
    this.send({ type: "made", stream, status: { kind: "exited", code: 0 } });
  }
}

const ONE = `${tool("mpmake")} -f x`;
/** What this test's own caller has left open is no job's. */
const CLOSES = 'for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done; ';

test("a job that waits for many makes counts as nothing, not as less", { timeout: 60_000 }, async () => {
  await using counted = new CountedHouse();
  const client = new Client(counted);
  const many = client.run(`echo a b c d | xargs -P4 -n1 ${ONE}`);
  const other = client.run("exec sleep 1000");
  await client.hear("join", many, 4);
  await client.hear("line", other);
  const streams = [1, 2, 3, 4].map((join) => client.join(many, join));
  await expect.poll(() => counted.house.running).toBe(1);
  for (const stream of streams) client.end(stream);
  await client.hear("exit", many);
  await expect.poll(() => counted.house.running).toBe(1);
  client.send({ type: "cancel", stream: other, signal: 15 });
  await client.hear("exit", other);
  expect(counted.told).toEqual([1, 2, 1, 2, 1, 0]);
});

test(
  "a client that never ends its makes has no more than twice the jobs of its credential",
  { timeout: 60_000 },
  async () => {
    await using counted = new CountedHouse();
    const client = new Client(counted, 1);
    const first = await joinOne(client);
    const second = await joinOne(client);
    const third = client.run(ONE);
    await client.hear("refuse", third);
    expect(client.heard.at(-1)).toMatchObject({ code: "busy" });
    client.end(first.make);
    await client.hear("exit", first.job);
    await client.hear("line", client.run("exec sleep 1000"));
    client.end(second.make);
  },
);

/** A job, and the make for which it waits. */
interface Waiting {
  readonly job: number;
  readonly make: number;
}

async function joinOne(client: Client): Promise<Waiting> {
  const job = client.run(ONE);
  await client.hear("join", job);
  return { job, make: client.join(job) };
}
