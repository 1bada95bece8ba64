/** Goodbyes to clients that nobody will serve. */

import type { Duplex } from "node:stream";
import { HELLO_WITHIN_MS } from "../wire/limits.js";
import { EndpointSocket } from "./endpoint-socket.js";
import type { WallClock } from "./node-connection.js";

/** Hears a client's first words again; tells it that it may not come in, or that it broke the protocol, and closes. */
export function sendAway(stream: Duplex, clock: WallClock, reason: string): void {
  const link = new EndpointSocket(stream, {
    role: "node",
    clock,
    silenceMs: HELLO_WITHIN_MS,
    onReceived: ({ type }) => {
      if (type === "hello") void link.close("forbidden", reason); // nobody waits for it
    },
    onClosed: () => undefined,
  });
  stream.resume();
}
