/** What somebody does on a connection on which a client takes him for a worker, and what the client says of it. */

import type { Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { secureOptionsOf } from "../../src/net/credential.js";
import { Endpoint } from "../../src/wire/endpoint.js";
import type { AttackKeys, Heard } from "./client-attacks.js";

/** What everybody can hear of an announcement. */
export interface HeardAnnouncement {
  readonly port: number;
  readonly id: string;
}

export interface WorkerAttack {
  readonly title: string;
  readonly reason: RegExp;
  readonly attack: (
    socket: Socket,
    call: { readonly id: string; readonly keys: AttackKeys; readonly heard: Heard },
  ) => void;
}

const ANSWERING = "CXB\x01";
const WRONG_KEY = /^it holds another key than ours$/;
const OTHER_PROTOCOL = /^it does not speak this protocol/;
const GONE = /^it went away before it had proved itself$/;

/** Those who wait for the client to lose its patience come first, so that nobody else has to. */
export const WORKER_ATTACKS: readonly WorkerAttack[] = [
  { title: "who says nothing and stays", reason: /^it did not say in time what it answers$/, attack: () => undefined },
  plain("who says half of what he answers and stays", () => ANSWERING, /^it did not say in time what it answers$/),
  plain("who names the announcement, and says nothing more", (id) => ANSWERING + id, /^no answer within 5 s$/),
  { title: "who says nothing and goes", reason: GONE, attack: (socket) => socket.end() },
  plain("who says half of what he answers and goes", (id) => ANSWERING + id.slice(1), GONE, { ends: true }),
  plain("who speaks HTTP", () => "GET / HTTP/1.1\r\n\r\n", /^it speaks something else$/),
  plain("who speaks TLS at once", () => "\x16\x03\x01\x00\xc8", /^it speaks something else$/),
  plain("who answers in another version", (id) => `CXB\x02${id}`, /^it speaks something else$/),
  plain(
    "who answers nobody's announcement",
    () => `${ANSWERING}${"x".repeat(16)}`,
    /^it answers no announcement of ours$/,
  ),
  plain(
    "who answers an announcement but for its last byte",
    (id) => `${ANSWERING}${id.slice(0, 15)}${other(id)}`,
    /^it answers no announcement of ours$/,
  ),
  plain("who names the announcement, and goes", (id) => ANSWERING + id, /^it closed the connection at once/, {
    ends: true,
  }),
  plain(
    "who names the announcement, and speaks HTTP",
    (id) => `${ANSWERING}${id}HTTP/1.1 400 Bad Request\r\n\r\n`,
    OTHER_PROTOCOL,
  ),
  plain(
    "who names the announcement, and speaks without TLS",
    (id) => `${ANSWERING}${id}\x00\x00\x00\x38\x02\x00\x00\x00`,
    OTHER_PROTOCOL,
  ),
  secured("who holds NAME.pub alone", ({ client }) => secureOptionsOf(client), WRONG_KEY),
  secured("who holds another application's NAME", ({ other: { worker } }) => secureOptionsOf(worker), WRONG_KEY),
  secured(
    "who has the certificate's name and not its key",
    ({ selfMade }) => secureOptionsOf(selfMade.worker),
    WRONG_KEY,
  ),
  secured("who speaks TLS 1.2", () => ({ minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }), OTHER_PROTOCOL),
  secured("who says no protocol's name", () => ({ ALPNProtocols: undefined }), /^it offers another protocol$/),
  secured("who says another protocol's name", () => ({ ALPNProtocols: ["mpmake/0"] }), OTHER_PROTOCOL),
  greeted("who holds the key, and speaks an older version", ackWith(0), /^it speaks version 0, we 1$/),
  greeted("who holds the key, and speaks a later version", ackWith(2), /^it speaks version 2, we 1$/),
  greeted("who holds the key, and tells of a job before he has let us in", "000000042000000100000000", OTHER_PROTOCOL),
  greeted("who holds the key, and says what clients say", "0000000803000000" + "00".repeat(8), OTHER_PROTOCOL),
  greeted("whose first frame has four gigabytes", "ffffffff02000000", OTHER_PROTOCOL),
  greeted("whose first frame has a byte too many", "0000040102000000", OTHER_PROTOCOL),
  greeted("whose answer is cut off", "0000003802000000000100", /^it ended the connection without letting us in/, {
    ends: true,
  }),
  greeted("who does not let us in", "0000000705000000" + "0100000002" + "1b5b", /^it does not let us in/),
];

interface Ending {
  readonly ends: boolean;
}

function other(id: string): string {
  return String.fromCharCode(id.charCodeAt(15) ^ 1);
}

/** Bytes without TLS. */
function plain(
  title: string,
  words: (id: string) => string,
  reason: RegExp,
  { ends }: Ending = { ends: false },
): WorkerAttack {
  const attack: WorkerAttack["attack"] = (socket, { id, heard }) => {
    socket.on("data", heard);
    socket.write(Buffer.from(words(id), "latin1"));
    if (ends) socket.end();
  };
  return { title, reason, attack };
}

/** TLS of another kind; whoever believed him would be let in. */
function secured(title: string, options: (keys: AttackKeys) => TlsOptions, reason: RegExp): WorkerAttack {
  return { title, reason, attack: asServer(options, ackWith(1), { ends: false }) };
}

/** The right key and TLS, and then bytes. */
function greeted(title: string, hex: string, reason: RegExp, ending: Ending = { ends: false }): WorkerAttack {
  return { title, reason, attack: asServer(() => ({}), hex, ending) };
}

function asServer(options: (keys: AttackKeys) => TlsOptions, hex: string, { ends }: Ending): WorkerAttack["attack"] {
  return (socket, { id, keys, heard }) => {
    socket.write(Buffer.from(ANSWERING + id, "latin1"));
    const right = {
      ...secureOptionsOf(keys.worker),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ["mpmake/1"],
    };
    const server = createTlsServer({ ...right, ...options(keys) });
    server.on("tlsClientError", () => socket.destroy());
    server.on("secureConnection", (tls) => {
      tls.on("error", () => socket.destroy()).on("data", heard);
      tls.write(Buffer.from(hex, "hex"));
      if (ends) tls.end();
    });
    server.emit("connection", socket);
  };
}

/** A node's answer to a greeting, of some version. */
function ackWith(version: number): string {
  const endpoint = new Endpoint("node");
  const load = { running: 0, loadAverage: 0, freeMemoryBytes: 0 };
  const times = { askedMs: 0, receivedMs: 0, answeredMs: 0 };
  endpoint.send({ type: "hello-ack", stream: 0, version, name: "mallory", slots: 1, uid: 0, load, ...times });
  return Buffer.concat(endpoint.takeOutput()).toString("hex");
}
