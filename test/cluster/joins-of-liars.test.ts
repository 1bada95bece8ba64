/** A node that holds the key and lies: what it asks of a make by the makes that it says its scripts have started. */

import { symlinkSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { listenForClients } from "../../src/net/client-listener.js";
import { EndpointSocket } from "../../src/net/endpoint-socket.js";
import { readHalf } from "../../src/net/key-store.js";
import { answerProof } from "../../src/node/answer-proof.js";
import type { Received } from "../../src/wire/endpoint.js";
import { Endpoint } from "../../src/wire/endpoint.js";
import type { JoinWish, MessageOf } from "../../src/wire/message.js";
import { type Ran, Rig, tool } from "./rig.js";

vi.setConfig({ testTimeout: 60_000 });

const LOAD = { running: 0, loadAverage: 0, freeMemoryBytes: 0 };
const clock = { nowMs: (): number => Date.now() };

/** What a lying node does with the one job that it gets, and with what comes of that. */
interface Lie {
  /** It does not say that the job starts. */
  readonly isSilent?: true;
  readonly onRun: (node: Liar, run: MessageOf<"run">) => void;
  readonly onSaid?: (node: Liar, said: Received, run: MessageOf<"run">) => void;
}

interface Liar {
  readonly send: EndpointSocket["send"];
  /** Bytes that no endpoint would send. */
  readonly write: (bytes: Uint8Array) => void;
  readonly end: (run: MessageOf<"run">, code: number) => void;
}

/** Shows the directory where the build is, and no other. */
async function lyingNode(rig: Rig, lie: Lie): Promise<{ readonly port: number; close(): void }> {
  const credential = readHalf(rig.key);
  if (!credential.ok || credential.value.kind !== "worker") throw new Error("no key");
  const terms = { credential: credential.value, admits: () => true, trusts: undefined };
  const serve = (stream: Duplex): void => {
    let run: MessageOf<"run"> | undefined;
    const liar: Liar = {
      send: (message) => link.send(message),
      write: (bytes) => void stream.write(bytes),
      end: ({ stream: job }, code) => {
        const times = { startedMs: clock.nowMs(), endedMs: clock.nowMs() };
        link.send({ type: "exit", stream: job, status: { kind: "exited", code }, receipts: [], ...times, load: LOAD });
      },
    };
    const hear = (said: Received): void => {
      if (said.type === "hello") {
        const times = { askedMs: said.askedMs, receivedMs: clock.nowMs(), answeredMs: clock.nowMs() };
        const uid = process.getuid?.() ?? 0;
        link.send({ type: "hello-ack", stream: 0, version: 1, name: "liar", slots: 1, uid, load: LOAD, ...times });
      } else if (said.type === "prove") {
        const { proof } =
          said.directory === rig.tree ? answerProof(said) : answerProof({ ...said, directory: "/nowhere" });
        link.send(proof);
      } else if (said.type === "ping") {
        const times = { askedMs: said.askedMs, receivedMs: clock.nowMs(), answeredMs: clock.nowMs() };
        link.send({ type: "pong", stream: 0, load: LOAD, ...times });
      } else if (said.type === "run") {
        if (lie.isSilent !== true) link.send({ type: "line", stream: said.stream, index: 0 });
        run = said;
        lie.onRun(liar, said);
      } else if (run !== undefined) lie.onSaid?.(liar, said, run);
    };
    const link = new EndpointSocket(stream, {
      ...{ role: "node", clock, silenceMs: 10_000, onReceived: hear, onClosed: () => undefined },
    });
    stream.resume();
  };
  const listener = await listenForClients({
    ...{ address: "127.0.0.1", port: 0, clock, terms: () => terms },
    // Nobody comes a second time.
    onGreeted: ({ stream }) => {
      if (listener.ok) listener.value.close();
      serve(stream);
    },
    onRejected: () => undefined,
  });
  if (!listener.ok) throw new Error(listener.error);
  return listener.value;
}

/** A wish that would be granted. */
function wishIn(rig: Rig, run: MessageOf<"run">, more: Partial<JoinWish> = {}): JoinWish {
  return {
    argv0: tool("mpmake"),
    argv: ["-s", "-f", "sub.mk"],
    environment: run.request.environment,
    directory: rig.tree,
    outputs: "two",
    programBytes: statSync(tool("mpmake")).size,
    ...more,
  };
}

/** A build of one recipe at a node that lies; made here when that is found out. */
async function make(rig: Rig, lie: Lie, words: readonly string[] = ["--joins-from-nodes"]): Promise<Ran> {
  writeFileSync(join(rig.tree, "Makefile"), "all: ; @echo made\n");
  writeFileSync(join(rig.tree, "sub.mk"), "$(info joined)all: ; @:\n");
  const node = await lyingNode(rig, lie);
  try {
    return await rig.make(["-s", "--nodes", `127.0.0.1:${String(node.port)}`, ...words]);
  } finally {
    node.close();
  }
}

/** The bytes of a message, whether or not it may be sent. */
function bytesOf(run: MessageOf<"run">, message: MessageOf<"join">): Uint8Array {
  const [client, node] = [new Endpoint("client"), new Endpoint("node")];
  client.send({ type: "hello", stream: 0, version: 1, name: "", uid: 0, askedMs: 0 });
  node.receive(Buffer.concat(client.takeOutput()));
  for (let i = 0; i < run.stream; i++) client.newStream();
  client.send({ ...run, request: { ...run.request, takesMakes: true } });
  node.receive(Buffer.concat(client.takeOutput()));
  node.send({ type: "line", stream: run.stream, index: 0 });
  node.takeOutput();
  node.send(message);
  return Buffer.concat(node.takeOutput());
}

test("a make that asks where nobody wants any breaks the protocol: nothing of it is read, and the recipe is made elsewhere", async () => {
  await using rig = new Rig();
  const heard: string[] = [];
  const lie: Lie = {
    onRun: (node, run) =>
      node.write(bytesOf(run, { type: "join", stream: run.stream, join: 1, wish: wishIn(rig, run) })),
    onSaid: (_, said) => void heard.push(said.type === "bye" ? said.text : said.type),
  };
  const made = await make(rig, lie, []);
  expect(heard).toEqual(["join at a time when it means nothing"]);
  expect([made.status, made.stdout]).toEqual([0, "made\n"]);
  expect(made.stderr).toContain("it broke the protocol: join at a time when it means nothing");
});

test("a make that says what it should is taken in; what it writes is the node's to read", async () => {
  await using rig = new Rig();
  let text = "";
  const made = await make(rig, {
    onRun: (node, run) =>
      node.send({
        type: "join",
        stream: run.stream,
        join: 1,
        wish: wishIn(rig, run, { argv: ["-n", "-f", "sub.mk"] }),
      }),
    onSaid: (node, said, run) => {
      if (said.type === "stdout") text += Buffer.from(said.bytes).toString("latin1");
      if (said.type === "made") node.end(run, said.status.kind === "exited" ? said.status.code : 1);
    },
  });
  expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(text).toContain("joined\n");
});

test("a make that is told what it does not know, at more length than a pipe holds, says so and ends", async () => {
  await using rig = new Rig();
  let text = "";
  let status: unknown;
  const option = `--${"x".repeat(100_000)}`;
  const made = await make(rig, {
    onRun: (node, run) =>
      node.send({ type: "join", stream: run.stream, join: 1, wish: wishIn(rig, run, { argv: [option] }) }),
    onSaid: (node, said, run) => {
      if (said.type === "stderr") text += Buffer.from(said.bytes).toString("latin1");
      if (said.type !== "made") return;
      ({ status } = said);
      node.end(run, 0);
    },
  });
  expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(status).toEqual({ kind: "exited", code: 2 });
  const [first = "", usage = ""] = text.split("\n");
  expect([first.endsWith(`: unrecognized option '${option}'`), usage.startsWith("Usage: ")]).toEqual([true, true]);
});

const REFUSED: readonly (readonly [title: string, wish: (rig: Rig) => Partial<JoinWish>])[] = [
  ["another program", () => ({ argv0: "/bin/sh", programBytes: statSync("/bin/sh").size })],
  ["another version of it", () => ({ programBytes: 1 })],
  ["a directory that the node does not show", (rig) => ({ directory: rig.directory })],
  ["a directory by a link", (rig) => ({ directory: join(rig.tree, "link") })],
  ["a directory that is no name for itself", (rig) => ({ directory: `${rig.tree}/../tree` })],
  ["a directory that is not there", (rig) => ({ directory: `${rig.tree}/nowhere` })],
  ["a directory that it does not show, by -C", () => ({ argv: ["-C", "..", "-f", "tree/sub.mk"] })],
  ["a makefile in a directory that it does not show", (rig) => ({ argv: ["-f", join(rig.directory, "x.mk")] })],
  ["a directory of includes that is not there", () => ({ argv: ["-f", "sub.mk", "-I", "nowhere"] })],
  ["a makefile from standard input", () => ({ argv: ["-f", "-"] })],
  ["a makefile that is a descriptor of ours", () => ({ argv: ["-f", "/proc/self/fd/0"] })],
  ["a jobserver of its own choice", () => ({ environment: ["MAKEFLAGS= -j2 --jobserver-auth=fifo:/tmp/other"] })],
  ["a process of its own", () => ({ environment: ["MPMAKE_SESSION=0"] })],
];

test.each(REFUSED)("%s is refused, and nothing of it is read", async (_, more) => {
  await using rig = new Rig();
  symlinkSync(".", join(rig.tree, "link"));
  mkdirSync(join(rig.tree, "d"));
  const heard: string[] = [];
  const made = await make(rig, {
    onRun: (node, run) => node.send({ type: "join", stream: run.stream, join: 1, wish: wishIn(rig, run, more(rig)) }),
    onSaid: (node, said, run) => {
      heard.push(said.type);
      if (said.type === "join-refused") node.end(run, 0);
    },
  });
  expect(heard.filter((type) => type !== "prove-end" && type !== "bye")).toEqual(["join-refused"]);
  expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("a job that ends before its makes have is none that has succeeded", async () => {
  await using rig = new Rig();
  const made = await make(rig, {
    onRun: (node, run) => {
      node.send({ type: "join", stream: run.stream, join: 1, wish: wishIn(rig, run) });
      node.end(run, 0);
    },
  });
  expect([made.status, made.stdout]).toEqual([0, "made\n"]);
  expect(made.stderr).toContain("it broke the protocol: the end of a job before that of its makes");
});

test("a node that goes away while a make of its job runs here takes that make along", async () => {
  await using rig = new Rig();
  writeFileSync(join(rig.tree, "long.mk"), "$(shell sleep 1000)\nall: ;\n");
  const made = await make(rig, {
    onRun: (node, run) =>
      node.send({ type: "join", stream: run.stream, join: 1, wish: wishIn(rig, run, { argv: ["-f", "long.mk"] }) }),
    onSaid: (node, said) => {
      if (said.type === "joined") node.send({ type: "bye", stream: 0, code: "stopping", text: "gone" });
    },
  });
  expect([made.status, made.stdout]).toEqual([0, "made\n"]);
});

test("an older node, to which a request with more in it than it knows means nothing, is asked without it", async () => {
  await using rig = new Rig();
  const asked: unknown[] = [];
  const made = await make(rig, {
    isSilent: true,
    onRun: (node, run) => {
      asked.push(run.request.takesMakes);
      const { stream } = run;
      if (run.request.takesMakes !== true) node.end(run, 0);
      else node.send({ type: "refuse", stream, code: "request", errno: "EINVAL", text: "was asked for the extra 7" });
    },
  });
  expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(asked).toEqual([true, undefined]);
});
