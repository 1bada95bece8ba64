import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { makeKeyPair } from "../../src/net/key-pair.js";
import { createKeyFile, readKeyFileOf } from "../../src/net/key-store.js";
import { temporaryDirectory } from "./worker-rig.js";

const dist = join(import.meta.dirname, "../../dist");
const ckeygen = join(dist, "ckeygen");

describe.skipIf(!existsSync(ckeygen))("ckeygen, the program", () => {
  async function keygen(words: readonly string[], cwd: string, input = ""): Promise<string> {
    const { exitCode, stdout, stderr } = await execa(ckeygen, words, { cwd, input, reject: false });
    return `${String(exitCode)} ${stdout}${stderr}`;
  }

  test("makes both halves, again and again the same", async () => {
    const directory = temporaryDirectory();
    expect(await keygen(["app", "app.pub"], directory)).toBe("0 ");
    const pub = readFileSync(join(directory, "app.pub"), "latin1");
    rmSync(join(directory, "app.pub"));
    expect(await keygen(["app"], directory)).toBe("0 ");
    expect(readFileSync(join(directory, "app.pub"), "latin1")).toBe(pub);
    rmSync(directory, { recursive: true });
  });

  test("takes a text on standard input, in the historic spelling too", async () => {
    const directory = temporaryDirectory();
    const text = "a text that nobody is going to guess";
    expect(await keygen(["-stdin", "a", "a.pub"], directory, text)).toBe("0 ");
    expect(await keygen(["--stdin", "b", "b.pub"], directory, text)).toBe("0 ");
    expect(readFileSync(join(directory, "a"), "latin1")).toBe(readFileSync(join(directory, "b"), "latin1"));
    expect(await keygen(["-stdin", "a", "a.pub"], directory, `${text}?`)).toMatch(/^104 ckeygen: a holds another key/);
    rmSync(directory, { recursive: true });
  });

  test("makes a credential that is one user's, of chance alone, once", async () => {
    const directory = temporaryDirectory();
    await keygen(["app"], directory);
    const line = await keygen(["-c", "alice", "app"], directory);
    expect(line).toMatch(/^0 [0-9a-f]{64} user=alice\n?$/);
    const own = readKeyFileOf(join(directory, "app.alice"), "client");
    const all = readKeyFileOf(join(directory, "app.pub"), "client");
    if (!own.ok || !all.ok) throw new Error("no key files");
    expect(own.value).toMatchObject({
      workerCertificate: all.value.workerCertificate,
      announceKey: all.value.announceKey,
    });
    expect(own.value.privateKey).not.toEqual(all.value.privateKey);
    expect(line).toContain(createHash("sha256").update(own.value.clientCertificate).digest("hex"));
    expect(statSync(join(directory, "app.alice")).mode & 0o777).toBe(0o600);
    // Again it is left as it is; of the client's half it may be made, too; another pair's is not written over.
    expect(await keygen(["-c", "alice", "app"], directory)).toBe(line);
    expect(await keygen(["-c", "bob", "app.pub", "bobs"], directory)).toMatch(/user=bob\n?$/);
    await keygen(["other"], directory);
    expect(await keygen(["-c", "alice", "other", "app.alice"], directory)).toBe(
      "102 ckeygen: app.alice belongs to another key pair; remove it first",
    );
    expect(await keygen(["-c", "alice", "none"], directory)).toBe("101 ckeygen: there is no key file none");
    rmSync(directory, { recursive: true });
  });

  test("makes keys that expire", async () => {
    const directory = temporaryDirectory();
    expect(await keygen(["--expires", "2999-01-31", "app"], directory)).toBe("0 ");
    expect(await keygen(["--expires", "2999-01-31", "app"], directory)).toBe("0 ");
    expect(await keygen(["--expires", "30d", "app"], directory)).toBe(
      "104 ckeygen: app expires on 2999-01-31 00:00 UTC; it is left as it is",
    );
    expect(await keygen(["--expires", "2998-01-31T12:00Z", "-c", "alice", "app"], directory)).toMatch(
      /^0 .* user=alice/,
    );
    expect(await keygen(["--expires", "2999-02-01", "-c", "bob", "app"], directory)).toBe(
      "101 ckeygen: app itself expires on 2999-01-31 00:00 UTC",
    );
    rmSync(directory, { recursive: true });
  });

  test("every tool refuses a key that has expired, with one line", async () => {
    const directory = temporaryDirectory();
    const { worker, client } = await makeKeyPair(new Uint8Array(32), Date.parse("2020-02-29T12:00:00Z"));
    createKeyFile(join(directory, "app"), worker);
    createKeyFile(join(directory, "app.pub"), client);
    writeFileSync(join(directory, "Makefile"), "all: ; @echo made\n");
    const run = async (tool: string, ...words: readonly string[]): Promise<string> => {
      const options = { cwd: directory, reject: false, input: "", env: { NODES: "127.0.0.1:1" } } as const;
      const { exitCode, stdout, stderr } = await execa(join(dist, tool), words, options);
      const hereItIs = /and here it is 20\d\d-\d\d-\d\d \d\d:\d\d UTC/g;
      return `${String(exitCode)} ${stdout}${stderr}`
        .replaceAll(hereItIs, "and now is later")
        .replace(/ [*]{3}| {2}Stop[.]/g, "");
    };
    const said = (file: string): string =>
      `${file} expired on 2020-02-29 12:00 UTC, and now is later; make a new key with ckeygen`;
    expect(await run("mexecd", "--key", "app")).toBe(`2 mexecd: ${said(join(directory, "app"))}`);
    expect(await run("cservice", "app", "true")).toBe(`111 cservice: ${said("app")}`);
    expect(await run("cexec", "app.pub")).toBe(`111 cexec: ${said("app.pub")}`);
    expect(await run("crat", "app.pub")).toBe(`111 crat: ${said("app.pub")}`);
    expect(await run("ckeygen", "app")).toBe(`101 ckeygen: ${said("app")}`);
    const pub = join(directory, "app.pub");
    expect(await run("mpmake", "--key", pub)).toBe(`2 mpmake: ${said(pub)}`);
    expect(await run("mexecvp", "--key", pub, "true")).toBe(`2 mexecvp: ${said(pub)}`);
    rmSync(directory, { recursive: true });
  });

  test("a name of digits is a name", async () => {
    const directory = temporaryDirectory();
    expect(await keygen(["007"], directory)).toBe("0 ");
    expect(existsSync(join(directory, "007.pub"))).toBe(true);
    rmSync(directory, { recursive: true });
  });

  test.each([
    [[], "255 ckeygen: which files? give NAME, and NAME.pub if it is to be elsewhere"],
    [["a", "b", "c"], "255 ckeygen: too many names"],
    [["a", "--frobnicate"], "255 ckeygen: Unknown argument: frobnicate"],
    [["-c", "a b", "a"], "255 ckeygen: 'a b' is no user's name"],
    [["-c", "alice", "--stdin", "a"], "255 ckeygen: -c makes a key of nothing but chance, never of a text"],
    [["--expires", "soon", "a"], "255 ckeygen: --expires takes 2027-01-31, 2027-01-31T12:00Z or 30d, not 'soon'"],
    [["--expires", "2020-01-31", "a"], "255 ckeygen: --expires: 2020-01-31 00:00 UTC is past"],
    [["--relay", "--expires", "1d", "a"], "255 ckeygen: --relay makes nothing but a relay's key"],
    [["/nowhere/a"], "103 ckeygen: /nowhere/a cannot be written (No such file or directory)"],
  ])("a wrong call: %j", async (words, message) => {
    expect((await keygen(words, "/")).split("\n")[0]).toBe(message);
  });
});
