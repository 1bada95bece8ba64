import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { generateKeys, type GenerateKeysResult, writeFailure } from "../../src/net/generate-keys.js";
import { readKeyFile, readKeyFileOf } from "../../src/net/key-store.js";
import { temporaryDirectory } from "./worker-rig.js";

let directory: string;
const path = (name: string): string => join(directory, name);
const generate = (name = "app", pub = "app.pub", text?: string): Promise<GenerateKeysResult> =>
  generateKeys({ name: path(name), pub: path(pub), text: text === undefined ? undefined : Buffer.from(text) });

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test.each([0, 0o022, 0o277, 0o777])("both files are for their owner alone, whatever the umask: %o", async (umask) => {
  const before = process.umask(umask);
  try {
    expect(await generate()).toEqual({ status: 0, messages: [] });
  } finally {
    process.umask(before);
  }
  expect(["app", "app.pub"].map((name) => statSync(path(name)).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(readdirSync(directory).sort()).toEqual(["app", "app.pub"]);
});

test("a key that exists is left as it is, and its client's half made again just so", async () => {
  await generate();
  const [key, pub] = ["app", "app.pub"].map((name) => readFileSync(path(name), "latin1"));
  rmSync(path("app.pub"));
  expect(await generate()).toEqual({ status: 0, messages: [] });
  expect(["app", "app.pub"].map((name) => readFileSync(path(name), "latin1"))).toEqual([key, pub]);
  expect(await generate()).toEqual({ status: 0, messages: [] });
});

test("two keys differ", async () => {
  await generate();
  await generate("b", "b.pub");
  expect(readFileSync(path("app"), "latin1")).not.toBe(readFileSync(path("b"), "latin1"));
});

test("a NAME that is no key is status 101, and is left as it is", async () => {
  writeFileSync(path("app"), "my only copy", { mode: 0o600 });
  expect((await generate()).status).toBe(101);
  expect([readFileSync(path("app"), "latin1"), existsSync(path("app.pub"))]).toEqual(["my only copy", false]);
});

test("a NAME.pub that cannot be written is status 102", async () => {
  expect(await generate("app", "none/app.pub")).toEqual({
    status: 102,
    messages: [`${path("none/app.pub")} cannot be written (No such file or directory)`],
  });
});

test("a NAME.pub of another pair, or that is no key at all, is status 102 and left as it is", async () => {
  await generate("b", "app.pub");
  const theirs = readFileSync(path("app.pub"), "latin1");
  expect((await generate()).status).toBe(102);
  expect(readFileSync(path("app.pub"), "latin1")).toBe(theirs);
  writeFileSync(path("c.pub"), "a letter", { mode: 0o600 });
  expect((await generate("app", "c.pub")).status).toBe(102);
  expect(readFileSync(path("c.pub"), "latin1")).toBe("a letter");
});

test("a NAME that cannot be written is status 103, and nothing half-written stays", async () => {
  expect((await generate("none/app")).status).toBe(103);
  expect(readdirSync(directory)).toEqual([]);
});

test("what may go well another time is status 111, whichever file it is about", () => {
  const failing = (code: string) => Object.assign(new Error(code), { code, errno: -24, syscall: "open" });
  expect(writeFailure("a", failing("EMFILE"), 103)).toEqual({
    status: 111,
    message: "a cannot be written (Too many open files)",
  });
  expect(writeFailure("a", failing("ENOSPC"), 103).status).toBe(103);
});

test("a NAME.pub that others may read is status 102 and left as it is, not written over", async () => {
  await generate();
  chmodSync(path("app.pub"), 0o644);
  expect(await generate()).toEqual({
    status: 102,
    messages: [`${path("app.pub")} may be read or written by others (mode 644); use chmod 600; it is left as it is`],
  });
  expect(statSync(path("app.pub")).mode & 0o777).toBe(0o644);
});

test("a text makes the key; another text for the same NAME is status 104", async () => {
  const long = "a text that nobody is going to guess";
  expect(await generate("app", "app.pub", long)).toEqual({ status: 0, messages: [] });
  expect((await generate("app", "app.pub", long)).status).toBe(0);
  expect((await generate("app", "app.pub", `${long}!`)).status).toBe(104);
});

test("a short text is warned about", async () => {
  expect(await generate("app", "app.pub", "secret")).toEqual({
    status: 0,
    messages: ["the text is short; whoever guesses it has the keys"],
  });
});

describe("a key file that is not safe is not used", () => {
  const readApp = (): string => {
    const result = readKeyFile(path("app"));
    return result.ok ? "used" : `${result.error.kind}: ${result.error.text.replace(directory, "")}`;
  };

  test.each([0o640, 0o604, 0o620, 0o666])("mode %o", async (mode) => {
    await generate();
    chmodSync(path("app"), mode);
    const text = `may be read or written by others (mode ${mode.toString(8)}); use chmod 600`;
    expect(readApp()).toBe(`unsafe: /app ${text}`);
  });

  test("a symbolic link", async () => {
    await generate("real");
    symlinkSync(path("real"), path("app"));
    expect(readApp()).toBe("unsafe: /app is a symbolic link");
  });

  test("a directory", () => {
    mkdirSync(path("app"));
    expect(readApp()).toBe("unsafe: /app is not a plain file");
  });

  test("none at all", () => {
    expect(readApp()).toMatch(/^missing: there is no key file/);
  });

  test("an empty one, and one that is far too long", () => {
    writeFileSync(path("app"), "", { mode: 0o600 });
    expect(readApp()).toBe("invalid: /app is empty");
    writeFileSync(path("app"), "x".repeat(1 << 20));
    expect(readApp()).toBe("invalid: /app is too long for a key file");
  });

  test("the other half", async () => {
    await generate();
    expect(readKeyFileOf(path("app.pub"), "worker")).toMatchObject({
      error: { text: `${path("app.pub")} is the client's half of a key pair; workers take the file without .pub` },
    });
  });
});
