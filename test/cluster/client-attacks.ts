/** What somebody does on a connection on which a worker takes him for a client, and what the worker's log says of it. */

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { secureOptionsOf } from "../../src/net/credential.js";
import { makeKeyPair } from "../../src/net/key-pair.js";
import { readHalf } from "../../src/net/key-store.js";
import { Endpoint } from "../../src/wire/endpoint.js";
import type { ClientKeyFile, WorkerKeyFile } from "../../src/wire/key-file.js";

/** Key pairs, as an attacker may have them. */
export interface AttackKeys {
  readonly worker: WorkerKeyFile;
  readonly client: ClientKeyFile;
  /** Of another application. */
  readonly other: { readonly worker: WorkerKeyFile; readonly client: ClientKeyFile };
  /** Certificates with the right names, of keys that somebody has made for himself. */
  readonly selfMade: { readonly worker: WorkerKeyFile; readonly client: ClientKeyFile };
}

/** @param paths - of the key files NAME; NAME.pub is beside each */
export async function attackKeys(paths: { readonly app: string; readonly other: string }): Promise<AttackKeys> {
  const [app, other] = [pairAt(paths.app), pairAt(paths.other)];
  const selfMade = await makeKeyPair(new Uint8Array(randomBytes(32)));
  return { ...app, other, selfMade };
}

function pairAt(path: string): { readonly worker: WorkerKeyFile; readonly client: ClientKeyFile } {
  const [worker, client] = [readHalf(path), readHalf(`${path}.pub`)];
  if (!worker.ok || worker.value.kind !== "worker" || !client.ok || client.value.kind !== "client")
    throw new Error(`no key pair ${path}`);
  return { worker: worker.value, client: client.value };
}

/** What an attacker gets to read, after decryption. */
export type Heard = (bytes: Buffer) => void;

export interface ClientAttack {
  readonly title: string;
  readonly reason: RegExp;
  readonly attack: (socket: Socket, keys: AttackKeys, heard: Heard) => void;
}

const HELLO = {
  type: "hello",
  stream: 0,
  version: 1,
  name: "mallory",
  uid: process.getuid?.() ?? 0,
  askedMs: 0,
} as const;
const GONE = /^it went away before it (was let in|had proved itself)$/;
const NO_PROOF = /^no proof of the key/;

/** Those who wait for the worker to lose its patience come first, so that nobody else has to. */
export const CLIENT_ATTACKS: readonly ClientAttack[] = [
  { title: "who says nothing and stays", reason: /^no greeting in time$/, attack: () => undefined },
  plain("who says half of a first word and stays", "16030100c8010000c40303", /^no greeting in time$/),
  greeted("who holds the key, and says nothing", "", /^no greeting in time$/),
  { title: "who says nothing and goes", reason: GONE, attack: (socket) => socket.end() },
  plain("who says half of a first word and goes", "16030100c8010000c40303", GONE, { ends: true }),
  plain("who speaks HTTP", hexOf("GET / HTTP/1.1\r\nHost: n\r\n\r\n"), NO_PROOF),
  plain("who speaks SSH", hexOf("SSH-2.0-OpenSSH_9.2\r\n"), NO_PROOF),
  plain("who speaks the protocol without TLS", "0000001801000000000100000006616e6e406e30", NO_PROOF),
  plain("who offers a record of TLS that is too long", `160301ffff${"00".repeat(100)}`, NO_PROOF),
  plain("who sends a key exchange of nothing", "1603010004010000000000", NO_PROOF),
  secured("who shows no certificate", () => ({ key: undefined, cert: undefined }), NO_PROOF),
  secured("who holds another application's NAME.pub", ({ other }) => secureOptionsOf(other.client), NO_PROOF),
  secured("who shows the worker's own certificate", ({ worker }) => secureOptionsOf(worker), NO_PROOF),
  secured(
    "who has the certificate's name and not its key",
    ({ selfMade }) => secureOptionsOf(selfMade.client),
    NO_PROOF,
  ),
  secured("who speaks TLS 1.2", () => ({ minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }), NO_PROOF),
  secured("who says no protocol's name", () => ({ ALPNProtocols: undefined }), /^another protocol$/),
  secured("who says another protocol's name", () => ({ ALPNProtocols: ["h2", "mpmake/0"] }), NO_PROOF),
  greeted(
    "who asks for a job before he has greeted",
    "0000000011000001",
    /^it broke the protocol: run in the phase awaiting-hello$/,
  ),
  greeted(
    "whose first frame has four gigabytes",
    "ffffffff01000000",
    /^it broke the protocol: a frame of 4294967295 bytes/,
  ),
  greeted(
    "whose first frame has a byte too many",
    "0010000101000000",
    /^it broke the protocol: a frame of 1048577 bytes/,
  ),
  greeted("whose greeting is too long", "0000040101000000", /^it broke the protocol: hello of 1025 bytes$/),
  greeted(
    "whose greeting is cut off by its own length",
    "00000002010000000001",
    /^it broke the protocol: a message that ends too soon$/,
  ),
  greeted("who goes within his greeting", "000000180100000000010000", GONE, { ends: true }),
  greeted("who speaks an older version", helloWith(0), /^mallory: version 1 is spoken here, not 0$/),
  greeted("who speaks a later version", helloWith(2), /^mallory: version 1 is spoken here, not 2$/),
  greeted(
    "who is in, and greets again",
    helloWith(1) + helloWith(1),
    /^it broke the protocol: hello in the phase node-open$/,
  ),
  greeted(
    "who is in, and says what nodes say",
    `${helloWith(1)}0000000025000001`,
    /^it broke the protocol: exit in the phase node-open$/,
  ),
  greeted(
    "who is in, and sends input for no job",
    `${helloWith(1)}000000011200000978`,
    /^it broke the protocol: stdin on stream 9, which is new$/,
  ),
  greeted(
    "who is in, and takes in a make that nobody has asked for",
    `${helloWith(1)}000000061c000001000000090001`,
    /^it broke the protocol: a make of no job$/,
  ),
  greeted(
    "who is in, and sends what a make wrote that there is not",
    `${helloWith(1)}000000012100000978`,
    /^it broke the protocol: stdout on stream 9, which is new$/,
  ),
  greeted(
    "who is in, and sends a frame that is too long",
    `${helloWith(1)}0010000111000001`,
    /^it broke the protocol: a frame of 1048577 bytes/,
  ),
  greeted(
    "who is in, and says what nobody knows",
    `${helloWith(1)}00000000ff000001`,
    /^it broke the protocol: the unknown message 255$/,
  ),
];

interface Ending {
  readonly ends: boolean;
}

/** Bytes without TLS. */
function plain(title: string, hex: string, reason: RegExp, { ends }: Ending = { ends: false }): ClientAttack {
  const attack = (socket: Socket, _: AttackKeys, heard: Heard): void => {
    socket.on("data", heard);
    socket.write(Buffer.from(hex, "hex"));
    if (ends) socket.end();
  };
  return { title, reason, attack };
}

/** TLS of another kind. */
function secured(title: string, options: (keys: AttackKeys) => ConnectionOptions, reason: RegExp): ClientAttack {
  const attack = (socket: Socket, keys: AttackKeys, heard: Heard): void => {
    const tls = secureOver(socket, { ...secureOptionsOf(keys.client), ALPNProtocols: ["mpmake/1"], ...options(keys) });
    tls.on("data", heard);
    // Whoever believed us would run this.
    tls.once("secureConnect", () => tls.write(Buffer.from(helloWith(1), "hex")));
  };
  return { title, reason, attack };
}

/** The right key and TLS, and then bytes. */
function greeted(title: string, hex: string, reason: RegExp, { ends }: Ending = { ends: false }): ClientAttack {
  const attack = (socket: Socket, { client }: AttackKeys, heard: Heard): void => {
    const tls = secureOver(socket, { ...secureOptionsOf(client), ALPNProtocols: ["mpmake/1"] });
    tls.on("data", heard);
    tls.once("secureConnect", () => {
      tls.write(Buffer.from(hex, "hex"));
      if (ends) tls.end();
    });
  };
  return { title, reason, attack };
}

function secureOver(socket: Socket, options: ConnectionOptions): TLSSocket {
  const tls = connectTls({ ...options, socket, rejectUnauthorized: false, checkServerIdentity: () => undefined });
  return tls.on("error", () => socket.destroy());
}

function helloWith(version: number): string {
  const endpoint = new Endpoint("client");
  endpoint.send({ ...HELLO, version });
  return Buffer.concat(endpoint.takeOutput()).toString("hex");
}

function hexOf(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}
