/** Users who are known by MUNGE: a worker of several accounts, and a munged of this test's own. */

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { RootRig, UIDS, type User } from "./root-rig.js";

const { alice, bob, system } = UIDS;
const isRoot = process.getuid?.() === 0;
const isThere = ["/usr/sbin/munged", "/usr/bin/munge", "/usr/bin/unmunge"].every((path) => existsSync(path));

function needsMunge(context: TestContext): void {
  context.skip(!isRoot, "being several users needs root");
  context.skip(!isThere, "munge is not installed");
}

/** A munged with a key of its own; of another realm than every other one. */
class Realm implements Disposable {
  readonly #directory: string;
  readonly socket: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.socket = join(directory, "socket");
    mkdirSync(directory, { mode: 0o755 });
    writeFileSync(join(directory, "key"), randomBytes(1024), { mode: 0o600 });
    this.start();
  }

  start(): void {
    const files = ["key", "log", "seed", "pid"].map((name) => `--${name}-file=${join(this.#directory, name)}`);
    execFileSync("munged", ["--socket", this.socket, ...files], { stdio: "ignore" });
  }

  stop(): void {
    execFileSync("munged", ["--stop", "--socket", this.socket], { stdio: "ignore" });
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

describe("a worker whose list says auth=munge", () => {
  let rig: RootRig;
  let realm: Realm;
  let other: Realm;

  beforeAll(async () => {
    if (!isRoot || !isThere) return;
    rig = new RootRig();
    realm = new Realm(join(rig.directory, "munge"));
    other = new Realm(join(rig.directory, "other-munge"));
    const line = rig.credential("any").replace("user=any", "user=* auth=munge");
    rig.writeAuthorized(line);
    for (const user of ["alice", "bob"] as const) {
      copyFileSync(`${rig.key}.any`, `${rig.key}.${user}`);
      chownSync(`${rig.key}.${user}`, UIDS[user], UIDS[user]);
    }
    await rig.start(["--munge-socket", realm.socket]);
  });

  afterAll(async () => {
    if (!isRoot || !isThere) return;
    realm[Symbol.dispose]();
    other[Symbol.dispose]();
    await rig[Symbol.asyncDispose]();
  });

  const configure = (user: User, munge: unknown): void =>
    writeFileSync(join(rig.directory, user, "mpmake.config.json"), JSON.stringify({ connectTimeoutMs: 15_000, munge }));

  /** A credential that a user of that machine has made. */
  async function credentialOf(user: User, channel: string, words: readonly string[] = []): Promise<string> {
    const asked = words.includes("-S") ? [] : ["-S", realm.socket];
    const made = await rig.as(user, ["munge", "-s", channel, "-u", "root", ...asked, ...words]);
    expect(made).toMatchObject({ status: 0, stderr: "" });
    return made.stdout.trim();
  }

  const forbidden = (text: string) => ({ type: "bye", code: "forbidden", text });

  test("runs each user's recipes as that user, though all hold one key", async (context) => {
    needsMunge(context);
    for (const user of ["alice", "bob"] as const) {
      configure(user, realm.socket);
      expect(await rig.make(user, ["id -un"])).toEqual({ status: 0, stdout: `${user}\n`, stderr: "" });
    }
  });

  test("does not let in a client that is not told to show one, and says what is to be done", async (context) => {
    needsMunge(context);
    configure("alice", undefined);
    const { stderr } = await rig.make("alice", ["id -un"]);
    expect(stderr).toMatch(/this credential takes one of MUNGE too \("munge": true in the configuration\)\n$/);
    configure("alice", "/nowhere/socket");
    expect((await rig.make("alice", ["id -un"])).stderr).toMatch(
      /it is to know us by munge, which here cannot reach munged\n$/,
    );
  });

  test("lets in the user that MUNGE names, and no other, nor an account of the system", async (context) => {
    needsMunge(context);
    const mine = (channel: string) => credentialOf("alice", channel);
    expect(await rig.greet("any", alice, mine)).toMatchObject({ type: "hello-ack", uid: alice });
    const reason = `munge says that the user number is ${String(alice)}, not ${String(bob)}`;
    expect(await rig.greet("any", bob, mine)).toMatchObject(forbidden(reason));
    await expect.poll(() => rig.audit().at(-1)).toMatchObject({ event: "rejected", reason, claims: bob });
    const theirs = await rig.greet("any", system, (channel) => credentialOf("system", channel));
    expect(theirs).toMatchObject({ type: "bye", code: "forbidden" });
  });

  test("does not take one a second time, nor on another connection", async (context) => {
    needsMunge(context);
    const kept: string[] = [];
    const keep = async (channel: string): Promise<string> => {
      kept.push(await credentialOf("alice", channel));
      return kept[0] ?? "";
    };
    expect(await rig.greet("any", alice, keep)).toMatchObject({ type: "hello-ack" });
    const again = await rig.greet("any", alice, () => Promise.resolve(kept[0] ?? ""));
    expect(again).toMatchObject(forbidden("munge says that the credential was used before"));
    const elsewhere = await rig.greet("any", alice, (channel) =>
      credentialOf(
        "alice",
        channel.replace(/./g, (digit) => (digit === "0" ? "1" : "0")),
      ),
    );
    expect(elsewhere).toMatchObject(forbidden("munge's credential was made for another connection"));
  });

  test("does not take one that has expired, is for someone else, of another realm, or none at all", async (context) => {
    needsMunge(context);
    const greet = (mungeFor: (channel: string) => Promise<string>) => rig.greet("any", alice, mungeFor);
    const old = await greet(async (channel) => {
      const made = await credentialOf("alice", channel, ["-t", "1"]);
      await pause(2100); // munge counts in seconds
      return made;
    });
    expect(old).toMatchObject(forbidden("munge says that the credential has expired"));
    const forBob = await greet((channel) => credentialOf("alice", channel, ["-u", "bob"]));
    expect(forBob).toMatchObject(forbidden("munge says that the credential is for someone else"));
    const foreign = await greet((channel) => credentialOf("alice", channel, ["-S", other.socket]));
    expect(foreign).toMatchObject(forbidden("munge takes it for no credential of its own realm"));
    const bad = ["x", "MUNGE:AwQ=:", "-n", "MUNGE:AAAA:\nUID: 0"];
    for (const text of bad)
      expect(await greet(() => Promise.resolve(text))).toMatchObject({ type: "bye", code: "forbidden" });
  });

  test("lets nobody in when its munged is gone, and goes on when that is back", async (context) => {
    needsMunge(context);
    const unopened = async (channel: string): Promise<string> => {
      const made = await credentialOf("alice", channel);
      realm.stop();
      return made;
    };
    expect(await rig.greet("any", alice, unopened)).toMatchObject(forbidden("munge cannot reach munged"));
    realm.start();
    const mine = (channel: string) => credentialOf("alice", channel);
    expect(await rig.greet("any", alice, mine)).toMatchObject({ type: "hello-ack", uid: alice });
  });
});
