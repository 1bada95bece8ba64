import { expect, test } from "vitest";
import { ClientMakes } from "../../src/net/client-make.js";
import type { EndpointSocket } from "../../src/net/endpoint-socket.js";
import type { FarMake } from "../../src/net/node-connection.js";
import type { MakeOutcome } from "../../src/base/exit-status.js";

/** Takes everything. */
function linkOf(said: string[]): EndpointSocket {
  let last = 0;
  const link = {
    newStream: () => ++last,
    send: ({ type }: { readonly type: string }) => void said.push(type),
    sendData: (_: string, __: number, bytes: Uint8Array) => bytes.length,
  };
  return link as unknown as EndpointSocket;
}

test("sixteen makes of a connection run at once, whatever jobs they are of; one more when one has ended", async () => {
  const said: string[] = [];
  const ends: ((status: MakeOutcome) => void)[] = [];
  let disposed = 0;
  const make: FarMake = {
    start: () => ({
      ended: new Promise((resolve) => ends.push(resolve)),
      signal: () => undefined,
      end: () => undefined,
      unread: () => undefined,
      credit: () => undefined,
    }),
    dispose: () => disposed++,
  };
  const link = linkOf(said);
  const makes = new ClientMakes(() => link);
  const start = (job: number): boolean => makes.start({ job, join: 1 }, make);
  const taken = Array.from({ length: 17 }, (_, i) => start(i + 1));
  expect([taken.filter(Boolean).length, taken.at(-1), disposed]).toEqual([16, false, 1]);
  ends[0]!({ kind: "exited", code: 0 });
  await expect.poll(() => said.at(-1)).toBe("made");
  expect([start(18), said.filter((type) => type === "joined").length]).toEqual([true, 17]);
});
