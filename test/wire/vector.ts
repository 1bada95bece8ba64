/** Reads test vectors: `expect:` lines first, then who listens and what came before, then the bytes. See test/vectors/README.md. */

import { Endpoint, type Received, type Sendable } from "../../src/wire/endpoint.js";
import type { Role } from "../../src/wire/phase.js";

export interface Vector {
  /** What comes of the bytes, as JSON; see `told`. */
  readonly expected: readonly string[];
  readonly role: Role;
  /** Bytes that came before, of which nothing is expected. */
  readonly before: Uint8Array;
  /** Messages that the listening side sent before. */
  readonly sent: readonly Sendable[];
  readonly bytes: Uint8Array;
}

export function parseVector(text: string): Vector {
  const [head = "", body = ""] = text.split(/^bytes:\n/m);
  const fields = head.split("\n").filter((line) => line !== "");
  const valuesOf = (name: string): readonly string[] =>
    fields.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  return {
    expected: valuesOf("expect").filter((value) => value !== "nothing"),
    role: valuesOf("role")[0] === "client" ? "client" : "node",
    before: Buffer.concat(valuesOf("before").map(parseBytes)),
    sent: valuesOf("sent").map((json) => JSON.parse(json) as Sendable),
    bytes: parseBytes(body),
  };
}

/** Hexadecimal with blanks, `# comments`, and `XX*N` for a byte repeated. */
function parseBytes(text: string): Uint8Array {
  const words = text
    .replace(/#.*$/gm, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  return Buffer.concat(
    words.map((word) => {
      const [hex = "", count = "1"] = word.split("*");
      return Buffer.from(hex.repeat(Number(count)), "hex");
    }),
  );
}

/** Feeds a vector, `chunk` bytes at a time, to an endpoint in the state that it asks for. */
export function replay(vector: Vector, chunk: number): readonly string[] {
  const endpoint = new Endpoint(vector.role);
  endpoint.receive(vector.before);
  for (const message of vector.sent) endpoint.send(message);
  const received: Received[] = [];
  for (let at = 0; at < vector.bytes.length; at += chunk) {
    for (const one of endpoint.receive(vector.bytes.subarray(at, at + chunk))) received.push(copied(one));
  }
  return joined(received).map(told);
}

function copied(received: Received): Received {
  return isData(received) ? { ...received, bytes: Uint8Array.from(received.bytes) } : received;
}

/** Neighbouring pieces of the same data as one: how they are cut is no promise. */
function joined(received: readonly Received[]): readonly Received[] {
  const runs: Received[][] = [];
  for (const next of received) {
    const first = runs.at(-1)?.[0];
    const continues = first !== undefined && isData(next) && first.type === next.type && first.stream === next.stream;
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

function isData(received: Received): received is Extract<Received, { readonly bytes: Uint8Array }> {
  return ["stdin", "stdout", "stderr", "terminal"].includes(received.type);
}

/** A message as one line: JSON in ASCII, with whole numbers of 64 bits as `"5n"` and bytes in hexadecimal, long ones by their length. */
function told(received: Received): string {
  const json = JSON.stringify(received, (_, value: unknown) => {
    if (typeof value === "bigint") return `${String(value)}n`;
    if (!(value instanceof Uint8Array)) return value;
    return value.length > 64 ? `${String(value.length)} bytes` : Buffer.from(value).toString("hex");
  });
  return json.replace(/[\x7f-\xff]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}
