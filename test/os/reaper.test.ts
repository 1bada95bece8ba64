import { openSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { nativeLibrary } from "../../src/os/native.js";
import { createSpawner } from "../../src/os/spawn.js";
import { temporaryDirectory } from "../rig/temporary.js";

test("a process that waits for no other is not woken", async (context) => {
  context.skip(nativeLibrary() === undefined, "koffi is not installed: Node itself waits for processes");
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const directory = temporaryDirectory();
    const spawner = createSpawner({ backend: "koffi", temporaryDirectory: directory });
    const stdin = openSync("/dev/null", "r+");
    for (let time = 0; time < 2; time++) {
      const io = { stdin, stdout: stdin, stderr: stdin, group: "own" } as const;
      const { exit } = spawner.spawn({ program: "true", argv: ["true"], environment: ["PATH=/bin"], directory, ...io });
      expect(vi.getTimerCount()).toBe(1);
      let status: unknown;
      void exit.then((ended) => (status = ended)); // never rejects
      while (status === undefined) {
        await nextTurn();
        vi.advanceTimersByTime(1000); // its end may have come before anybody listened
      }
      expect(status).toEqual({ kind: "exited", code: 0 });
      expect(vi.getTimerCount()).toBe(0);
    }
  } finally {
    vi.useRealTimers();
  }
});
