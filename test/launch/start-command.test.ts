/** Commands of launchers, as processes. */

import { expect, test } from "vitest";
import { startCommand } from "../../src/launch/start-command.js";

function busyFor(ms: number): void {
  const since = performance.now();
  while (performance.now() - since < ms);
}

test("what a command says last is known when it has ended, however much else there is to do", async () => {
  const ends = Array.from({ length: 60 }, (_, at) => {
    const { ended, fromWorker } = startCommand({
      words: ["sh", "-c", `echo x; sleep 0.0${String(at % 9)}; echo why >&2; exit 3`],
      environment: { PATH: process.env["PATH"] ?? "" },
      directory: "/",
      judge: (status, errors) => ({ kind: "refused", reason: `${String(status)} ${errors.join()}` }),
    });
    fromWorker.on("data", () => busyFor(3));
    return ended;
  });
  expect(new Set((await Promise.all(ends)).map(({ reason }) => reason))).toEqual(new Set(["3 why"]));
});
