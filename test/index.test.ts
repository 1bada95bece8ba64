import { mkdtempSync, openSync, readFileSync, closeSync, writeFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { build, mexecve, mexecvp, mexecvpe } from "../src/index.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mpmake-library-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("build() is a make invocation with its own directory, environment and output", async () => {
  writeFileSync(join(directory, "Makefile"), "all:\n\t@echo $(WHO) in $(notdir $(CURDIR))\nbad:\n\t@exit 3\n");
  const output = join(directory, "output");
  const fd = openSync(output, "w");
  const environment = { PATH: process.env["PATH"], WHO: "library" };
  const run = (goal: string) =>
    build({ arguments: [goal], directory, environment, stdio: [0, fd, fd], program: "mpmake" });
  const outcomes = [await run("all"), await run("bad")];
  closeSync(fd);
  expect(outcomes).toEqual([
    { kind: "exited", code: 0 },
    { kind: "exited", code: 2 },
  ]);
  expect(readFileSync(output, "utf8")).toBe(
    `library in ${directory.slice(directory.lastIndexOf("/") + 1)}\nmpmake: *** [Makefile:4: bad] Error 3\n`,
  );
});

test("the mexec family runs a program and tells how it ended, or the errno of one that cannot be run", async () => {
  const printed: string[] = [];
  const options = {
    nodes: "local",
    directory,
    onOutput: (_: string, bytes: Uint8Array) => void printed.push(Buffer.from(bytes).toString()),
  };
  expect(await mexecvp("sh", ["sh", "-c", "echo one; exit 7"], options)).toEqual({ kind: "exited", code: 7 });
  await expect(mexecvpe("no-such-program", ["x"], { PATH: "/usr/bin:/bin" }, options)).rejects.toMatchObject({
    name: "ExecError",
    message: "ENOENT: no such file or directory, execve 'no-such-program'",
    ...{ code: "ENOENT", errno: -2, syscall: "execve", path: "no-such-program" },
  });
  expect(await mexecve("/bin/sh", ["sh", "-c", "kill -TERM $$"], {}, options)).toMatchObject({
    kind: "signalled",
    signal: 15,
  });
  expect(printed.join("")).toBe("one\n");
});
