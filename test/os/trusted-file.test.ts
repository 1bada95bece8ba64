import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTrustedFile } from "../../src/os/trusted-file.js";
import { temporaryDirectory } from "../net/worker-rig.js";

const rules = { kind: "public", maxBytes: 10 } as const;
let directory: string;
let path: string;

beforeEach(() => {
  directory = temporaryDirectory();
  path = join(directory, "file");
  writeFileSync(path, "hello", { mode: 0o644 });
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function read(kind: "public" | "secret" = "public", file = path): string {
  const result = readTrustedFile(file, { ...rules, kind });
  return result.ok ? Buffer.from(result.value).toString("latin1") : `${result.error.kind}: ${result.error.text}`;
}

test("a file that only its owner may change is read", () => {
  expect(read()).toBe("hello");
  expect(read("secret")).toBe("unsafe: may be read or written by others (mode 644); use chmod 600");
  chmodSync(path, 0o600);
  expect(read("secret")).toBe("hello");
});

test.each([0o664, 0o646, 0o602, 0o620])("a file that others may write is not: mode %o", (mode) => {
  chmodSync(path, mode);
  expect(read()).toBe(`unsafe: may be written by others (mode ${mode.toString(8)}); use chmod go-w`);
});

test.each([0o775, 0o757])("a file in whose directory others may write is not: mode %o", (mode) => {
  mkdirSync(join(directory, "below"));
  writeFileSync(join(directory, "below", "file"), "hello");
  chmodSync(directory, mode);
  const fault = `unsafe: lies in ${directory}, where others may write`;
  expect(read("public", join(directory, "below", "file"))).toBe(fault);
  symlinkSync(join(directory, "below"), join(directory, "link"));
  expect(read("public", join(directory, "link", "file"))).toBe(fault);
});

test("a directory where only owners may remove what is theirs is no danger", () => {
  chmodSync(directory, 0o1777);
  expect(read()).toBe("hello");
});

test("a file of another user is not read", (context) => {
  context.skip(process.getuid?.() !== 0, "giving a file away needs root");
  chownSync(path, 12_345, 0);
  expect(read()).toBe("unsafe: belongs to another user");
  chownSync(path, 0, 0);
  chownSync(directory, 12_345, 0);
  expect(read()).toBe(`unsafe: lies in ${directory}, where others may write`);
});

test("a symbolic link, a directory, and nothing at all are not read", () => {
  symlinkSync(path, join(directory, "link"));
  expect(read("public", join(directory, "link"))).toBe("unsafe: is a symbolic link");
  expect(read("public", directory)).toBe("unsafe: is not a plain file");
  expect(read("public", join(directory, "none"))).toBe("missing: is not there");
});

test("a file that is too long is seen to be", () => {
  writeFileSync(path, "x".repeat(1000));
  expect(read()).toBe("x".repeat(11));
});
