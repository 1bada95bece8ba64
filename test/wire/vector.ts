/** Test vectors of frames: besides their bytes, who listens and what came before. See test/vectors/README.md. */

import { Endpoint, type Received, type Sendable } from "../../src/wire/endpoint.js";
import type { Role } from "../../src/wire/phase.js";
import { parseBytes, parseVectorText } from "../rig/vector-text.js";

export interface Vector {
  /** What comes of the bytes, as JSON. */
  readonly expected: readonly string[];
  readonly role: Role;
  /** Bytes that came before, of which nothing is expected. */
  readonly before: Uint8Array;
  /** Messages that the listening side sent before. */
  readonly sent: readonly Sendable[];
  readonly bytes: Uint8Array;
}

export function parseVector(text: string): Vector {
  const { expected, bytes, valuesOf } = parseVectorText(text);
  return {
    expected,
    role: valuesOf("role")[0] === "client" ? "client" : "node",
    before: Buffer.concat(valuesOf("before").map(parseBytes)),
    sent: valuesOf("sent").map((json) => JSON.parse(json) as Sendable),
    bytes,
  };
}

/** Feeds a vector, cut where `cuts` say, to an endpoint in the state that it asks for. */
export function replay(vector: Vector, cuts: Iterable<number> = []): readonly Received[] {
  const endpoint = new Endpoint(vector.role);
  endpoint.receive(vector.before);
  for (const message of vector.sent) endpoint.send(message);
  const received: Received[] = [];
  let from = 0;
  for (const cut of [...cuts, vector.bytes.length]) {
    for (const one of endpoint.receive(vector.bytes.subarray(from, cut))) received.push(copied(one));
    from = cut;
  }
  return joined(received);
}

function copied(received: Received): Received {
  return isData(received) ? { ...received, bytes: Uint8Array.from(received.bytes) } : received;
}

/** Neighbouring pieces of the same data as one: how they are cut is no promise. */
function joined(received: readonly Received[]): readonly Received[] {
  const runs: Received[][] = [];
  for (const next of received) {
    const first = runs.at(-1)?.[0];
    const continues = first !== undefined && isData(next) && isData(first) && channelOf(first) === channelOf(next);
    if (continues) runs.at(-1)?.push(next);
    else runs.push([next]);
  }
  return runs.flatMap(([first, ...rest]): Received[] => {
    if (first === undefined || !isData(first)) return first === undefined ? [] : [first];
    return [
      { ...first, bytes: Uint8Array.from(Buffer.concat([first, ...rest.filter(isData)].map(({ bytes }) => bytes))) },
    ];
  });
}

function channelOf(received: DataReceived): string {
  return [received.type, received.stream, "fd" in received ? received.fd : ""].join(" ");
}

type DataReceived = Extract<Received, { readonly bytes: Uint8Array }>;

function isData(received: Received): received is DataReceived {
  return ["stdin", "stdout", "stderr", "terminal", "fd-data"].includes(received.type);
}
