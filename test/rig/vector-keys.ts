/** The key pair that the vectors of datagrams are made with, as what is heard is judged by. */

import { readFileSync } from "node:fs";
import { fromBytes } from "../../src/base/latin1.js";
import { type ApplicationKey, applicationKeyOf } from "../../src/net/datagram-proof.js";
import { parseKeyFile } from "../../src/wire/key-file.js";

export type Half = "worker" | "client";

/** When the vectors are heard, in milliseconds since the epoch. */
export const HEARD_AT_MS = 1_700_000_000_000;

export const KEYS: Readonly<Record<Half, ApplicationKey>> = {
  worker: keyOf("seed-00-1f"),
  client: keyOf("seed-00-1f.pub"),
};

function keyOf(name: string): ApplicationKey {
  const text = fromBytes(readFileSync(new URL(`../vectors/keys/${name}`, import.meta.url)));
  const key = parseKeyFile(text);
  if (!key.ok || key.value.kind === "relay") throw new Error(`${name} is no half of a key pair`);
  return applicationKeyOf(key.value);
}
