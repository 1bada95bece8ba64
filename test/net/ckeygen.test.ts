import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "./worker-rig.js";

const ckeygen = join(import.meta.dirname, "../../dist/ckeygen");

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
    [["/nowhere/a"], "103 ckeygen: /nowhere/a cannot be written (No such file or directory)"],
  ])("a wrong call: %j", async (words, message) => {
    expect((await keygen(words, "/")).split("\n")[0]).toBe(message);
  });
});
