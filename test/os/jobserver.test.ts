import { existsSync, openSync, closeSync, readdirSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Jobserver } from "../../src/os/jobserver.js";
import { createSpawner } from "../../src/os/spawn.js";
import { temporaryDirectory } from "../rig/temporary.js";

test("a pair of descriptors that our parent has not is not joined", () => {
  const temporary = temporaryDirectory();
  const server = Jobserver.create({ tokens: 2, style: "pipe", temporaryDirectory: temporary });
  expect(Jobserver.join(server.auth, temporary)).toBeUndefined();
  server.close();
});

describe.each(["fifo", "pipe"] as const)("%s style", (style) => {
  test("hands out as many tokens as it has, to all who take part", () => {
    const temporary = temporaryDirectory();
    const server = Jobserver.create({ tokens: 2, style, temporaryDirectory: temporary });
    server.open();
    const client = Jobserver.join(server.auth, temporary, process.pid);
    if (client === undefined) throw new Error("the jobserver cannot be joined");
    const [a, b] = [server.tryTake(), client.tryTake()];
    expect([a, b, server.tryTake(), client.tryTake()]).toEqual([{ byte: 43 }, { byte: 43 }, undefined, undefined]);
    client.give({ byte: 43 });
    expect(server.tryTake()).toEqual({ byte: 43 });
    client.close();
    server.close();
    server.close();
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("tells when a token comes back, and takes none by itself", async () => {
    const temporary = temporaryDirectory();
    const server = Jobserver.create({ tokens: 0, style, temporaryDirectory: temporary });
    const free = new Promise<void>((resolve) => {
      const stop = server.whenFree(() => {
        stop();
        resolve();
      });
    });
    server.give({ byte: 120 });
    await free;
    expect(server.tryTake()).toEqual({ byte: 120 });
    const stop = server.whenFree(() => undefined);
    stop();
    server.close();
  });

  test("programs that inherit it can take a token and give it back", async () => {
    const temporary = temporaryDirectory();
    const server = Jobserver.create({ tokens: 1, style, temporaryDirectory: temporary });
    const paths = server.inherited.map((fd) => `/proc/self/fd/${fd}`);
    const [read = server.auth.slice(5), write = read] = paths;
    server.open();
    const script = `token=$(head -c 1 <>${read}); test "$token" = + && printf X >>${write}`;
    const stdin = openSync("/dev/null", "r");
    const io = { stdin, stdout: 1, stderr: 2, group: "own", keep: server.inherited } as const;
    const request = {
      program: "sh",
      argv: ["sh", "-c", script],
      environment: ["PATH=/usr/bin:/bin"],
      directory: "/",
      ...io,
    };
    expect(await createSpawner({ temporaryDirectory: temporary }).spawn(request).exit).toEqual({
      kind: "exited",
      code: 0,
    });
    closeSync(stdin);
    expect([server.tryTake(), server.tryTake()]).toEqual([{ byte: "X".charCodeAt(0) }, undefined]);
    server.close();
  });
});

test("what is no jobserver cannot be joined", () => {
  const temporary = temporaryDirectory();
  const plain = openSync(`${temporary}/plain`, "w+");
  const names = ["fifo:/no/such", `fifo:${temporary}/plain`, "-2,-2", "3000,3001", `${plain},${plain}`, "sem:x", ""];
  expect(names.map((auth) => Jobserver.join(auth, temporary))).toEqual(names.map(() => undefined));
  closeSync(plain);
});

test("the fifo is made when it is needed, for this user alone", () => {
  const temporary = temporaryDirectory();
  const server = Jobserver.create({ tokens: 0, style: "fifo", temporaryDirectory: temporary });
  const path = server.auth.slice("fifo:".length);
  expect(existsSync(path)).toBe(false);
  server.open();
  expect([statSync(path).mode & 0o777, statSync(path).isFIFO()]).toEqual([0o600, true]);
  server.close();
  expect(existsSync(path)).toBe(false);
});
