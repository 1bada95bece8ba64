/** Reaching a node: a TCP connection, TLS with both certificates checked, and the greeting; all within a time. */

import { hostname, userInfo } from "node:os";
import type { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { printable } from "../base/printable.js";
import { fail, ok, type Result } from "../base/result.js";
import type { Received } from "../wire/endpoint.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import { ALPN, MAX_NAME_BYTES, NODE_SILENCE_MS, VERSION } from "../wire/limits.js";
import type { MessageOf } from "../wire/message.js";
import { ClientConnection } from "./client-connection.js";
import { handshakeFault, secureContextOf } from "./credential.js";
import { EndpointSocket } from "./endpoint-socket.js";
import type { Munge } from "./munge.js";
import type { ConnectFailure, NodeConnection, WallClock } from "./node-connection.js";

export interface GreetRequest {
  readonly credential: ClientKeyFile;
  readonly clock: WallClock;
  /** For all of it, or, where we connect, for the machine to take the connection: see BUSY_FACTOR. */
  readonly timeoutMs: number;
  /** How our user's credential is got; undefined: none is shown. */
  readonly munge?: Munge | undefined;
  /** A node that was silent for so long while it worked for us is lost; as `wire/limits.ts` has it unless given. */
  readonly silenceMs?: number;
}

export interface ConnectRequest extends GreetRequest {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

/** Reaches a node. Success means that the node has let us in: it answered our greeting. Never rejects. */
export function connectNode({
  host,
  port,
  ...request
}: ConnectRequest): Promise<Result<NodeConnection, ConnectFailure>> {
  return attempt({ host, port }, request);
}

/** The same over a connection that stands already, because the node has made it. */
export function greetNode(socket: Duplex, request: GreetRequest): Promise<Result<NodeConnection, ConnectFailure>> {
  return attempt({ socket }, request);
}

type Way = { readonly host: string; readonly port: number } | { readonly socket: Duplex };

function attempt(way: Way, request: GreetRequest): Promise<Result<NodeConnection, ConnectFailure>> {
  return new Promise((resolve) => {
    new Attempt(way, request, resolve).start();
  });
}

type Settle = (result: Result<NodeConnection, ConnectFailure>) => void;

/** A machine that has taken our connection is there: its worker may be busy, and has so many times as long to answer. */
const BUSY_FACTOR = 5;

/** One attempt; it ends with the first of: an answer, a failure, the time. */
class Attempt {
  readonly #request: GreetRequest;
  readonly #settle: Settle;
  readonly #socket: TLSSocket;
  #timer: NodeJS.Timeout | undefined;
  #isSecure = false;
  #isSettled = false;

  constructor(way: Way, request: GreetRequest, settle: Settle) {
    this.#request = request;
    this.#settle = settle;
    this.#socket = connect({
      ...way,
      secureContext: secureContextOf(request.credential),
      rejectUnauthorized: true,
      // The certificate itself is pinned; no name in it counts.
      checkServerIdentity: () => undefined,
      ALPNProtocols: [ALPN],
    });
  }

  start(): void {
    const { timeoutMs } = this.#request;
    this.#failAfter(timeoutMs);
    this.#socket.once("connect", () => this.#failAfter(timeoutMs * BUSY_FACTOR));
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, 1000);
    this.#socket.once("error", (error: NodeJS.ErrnoException) =>
      this.#fail(this.#isSecure ? lateFailure(error) : earlyFailure(error)),
    );
    this.#socket.once("close", () => this.#fail(this.#isSecure ? NOT_LET_IN : CLOSED_EARLY));
    this.#socket.once("secureConnect", () => this.#greet());
  }

  #failAfter(delayMs: number): void {
    if (this.#isSettled) return;
    clearTimeout(this.#timer);
    const text = `no answer within ${String(delayMs / 1000)} s`;
    this.#timer = setTimeout(() => this.#fail({ kind: "timeout", text }), delayMs);
  }

  /** The node has proved itself; it may not have looked at our certificate yet, so nothing but the greeting is sent. */
  #greet(): void {
    this.#isSecure = true;
    const fault = handshakeFault(this.#socket);
    if (fault !== undefined) {
      this.#fail({ kind: "protocol", text: `it offers ${fault}` });
      return;
    }
    const { clock, silenceMs = NODE_SILENCE_MS } = this.#request;
    const connection = new ClientConnection(clock);
    const link = new EndpointSocket(this.#socket, {
      role: "client",
      clock,
      silenceMs,
      onReceived: (received) => {
        if (this.#isSettled) connection.received(received);
        else this.#answered(received, connection, link);
      },
      onClosed: (end) => connection.closed(end),
    });
    const greeting = { type: "hello", stream: 0, version: VERSION, name: ourName(), uid: ourUid() } as const;
    const { munge } = this.#request;
    if (munge === undefined) link.send({ ...greeting, askedMs: clock.nowMs() });
    else void this.#greetWith(munge, (words) => link.send({ ...greeting, askedMs: clock.nowMs(), ...words })); // never rejects
  }

  async #greetWith(munge: Munge, greet: (words: { readonly munge: string }) => void): Promise<void> {
    const { channelOf, encodeMunge } = await import("./munge.js");
    const encoded = await encodeMunge(channelOf(this.#socket, this.#request.credential.workerCertificate), munge);
    if (!encoded.ok) this.#fail({ kind: "refused", text: `it is to know us by munge, which here ${encoded.error}` });
    else if (!this.#isSettled) greet({ munge: encoded.value });
  }

  #answered(received: Received, connection: ClientConnection, link: EndpointSocket): void {
    if (received.type === "hello-ack") this.#succeed(received, connection, link);
    else if (received.type === "bye") this.#fail(refusedBy(received));
    else this.#fail({ kind: "protocol", text: "it does not speak this protocol as it should" });
  }

  #succeed(ack: MessageOf<"hello-ack">, connection: ClientConnection, link: EndpointSocket): void {
    if (ack.version !== VERSION) {
      this.#fail({ kind: "protocol", text: `it speaks version ${String(ack.version)}, we ${String(VERSION)}` });
      return;
    }
    this.#finish();
    connection.open(link, ack);
    this.#settle(ok(connection));
  }

  #fail(failure: ConnectFailure): void {
    if (this.#isSettled) return;
    this.#finish();
    this.#socket.on("error", () => undefined); // what a socket says that is being thrown away
    this.#socket.destroy();
    this.#settle(fail(failure));
  }

  #finish(): void {
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#socket.removeAllListeners("secureConnect");
  }
}

/** A node that is about to stop may be there again soon; to all others someone has to see. */
function refusedBy({ code, text }: MessageOf<"bye">): ConnectFailure {
  return { kind: code === "stopping" ? "unreachable" : "refused", text: `it does not let us in: ${printable(text)}` };
}

const NOT_LET_IN: ConnectFailure = {
  kind: "wrong-key",
  text: "it ended the connection without letting us in; it may hold another key",
};

const CLOSED_EARLY: ConnectFailure = {
  kind: "refused",
  text: "it closed the connection at once; our address may not be admitted there",
};

/** Errors before TLS stands. */
function earlyFailure(error: NodeJS.ErrnoException): ConnectFailure {
  const code = error.code ?? error.message;
  if (code === "ECONNRESET" || code === "EPIPE") return CLOSED_EARLY;
  if (code === "ECONNREFUSED") return { kind: "unreachable", text: "nothing listens there" };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return { kind: "unreachable", text: "its name is not known" };
  if (code === "ETIMEDOUT") return { kind: "timeout", text: "no answer" };
  if (code === "CERT_HAS_EXPIRED") return { kind: "wrong-key", text: "its key has expired" };
  if (CERTIFICATE_CODES.has(code)) return { kind: "wrong-key", text: "it holds another key than ours" };
  if (code.startsWith("ERR_SSL_")) return { kind: "protocol", text: `it does not speak this protocol (${code})` };
  if (code.startsWith("E")) return { kind: "unreachable", text: `it cannot be reached (${code})` };
  return { kind: "wrong-key", text: `its certificate is not the one of our key (${code})` };
}

/** Errors once TLS stands for us: the node is judging our certificate. */
function lateFailure(error: NodeJS.ErrnoException): ConnectFailure {
  const code = error.code ?? error.message;
  return code.startsWith("ERR_SSL_") ? { kind: "wrong-key", text: "it does not accept our key" } : NOT_LET_IN;
}

/** What OpenSSL says of a certificate that is not the pinned one. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** `user@host`, as far as it is known. */
function ourName(): string {
  return Buffer.from(`${userName()}@${hostname()}`, "utf8").toString("latin1").slice(0, MAX_NAME_BYTES);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(ourUid()); // a user without an entry in the system's list
  }
}

function ourUid(): number {
  return process.getuid?.() ?? 0;
}
