/** The worker's socket: lets clients in that come from an admitted address, hold the other half of the key, and greet in time. */

import { createServer, type Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { fail, ok, type Result } from "../base/result.js";
import { errnoOf, strerror } from "../os/strerror.js";
import { Endpoint } from "../wire/endpoint.js";
import { ALPN, HELLO_WITHIN_MS } from "../wire/limits.js";
import type { MessageOf } from "../wire/message.js";
import { expiryFault, expiryOfCertificate } from "./key-expiry.js";
import { fingerprintOf, handshakeFault, secureOptionsOf, type TlsCredential } from "./credential.js";

import { channelOf, type MungeProof } from "./munge.js";
import type { WallClock } from "./node-connection.js";
import { peerAddress } from "./peer-address.js";
import { PreAuth } from "./pre-auth.js";
import { sendAway } from "./send-away.js";

/** A client that has proved who it is and has greeted. */
export interface Greeted {
  readonly hello: MessageOf<"hello">;
  /** The connection, paused; its first message is the greeting once more. */
  readonly stream: Duplex;
  readonly address: string;
  /** Of its certificate. */
  readonly fingerprint: string;
  /** When the greeting arrived. */
  readonly receivedMs: number;
  /** undefined: it shows none. */
  readonly munge: MungeProof | undefined;
}

/** What becomes of connections. */
export interface DoorRequest {
  /** Asked for each connection. */
  readonly terms: () => ListenTerms;
  readonly clock: WallClock;
  /** A client has proved who it is and has greeted; it is now to be answered or sent away. */
  readonly onGreeted: (greeted: Greeted) => void;
  /** Someone was not let in. */
  readonly onRejected: (address: string, reason: string) => void;
  readonly helloWithinMs?: number;
}

export interface ListenRequest extends DoorRequest {
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
}

/** What may change while clients are in. */
export interface ListenTerms {
  readonly credential: TlsCredential;
  /** Whether anything at all is to be heard from an address. */
  readonly admits: (address: string) => boolean;
  /**
   * Whether the holder of a certificate of this fingerprint may come in from this address. Without it that is the holder of the other
   * half of the worker's key.
   */
  readonly trusts: ((fingerprint: string, address: string) => boolean) | undefined;
}

export interface ClientListener {
  readonly address: string;
  readonly port: number;
  /** Takes no more clients; those that are in stay. */
  close(): void;
}

/** Listens. The failure is a phrase: "cannot listen on 10.0.0.1:7070 (Address already in use)". */
export async function listenForClients(request: ListenRequest): Promise<Result<ClientListener, string>> {
  const preAuth = new PreAuth();
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 }, (socket) => {
    new Newcomer(socket, request).judge(preAuth);
  });
  const where = `${request.address}:${String(request.port)}`;
  const failure = await listening(server, request);
  if (failure !== undefined) {
    const errno = errnoOf(failure);
    return fail(`cannot listen on ${where} (${errno === undefined ? failure.message : strerror(errno)})`);
  }
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : request.port;
  return ok({ address: request.address, port, close: () => server.close() });
}

/**
 * Hears whoever is at the other end of a connection that we have made, as if he had made it.
 *
 * @param address - where he is; where the connection leads to unless given
 */
export function hearClient(socket: Socket, request: DoorRequest): void;
export function hearClient(stream: Duplex, request: DoorRequest, address: string): void;
export function hearClient(stream: Duplex, request: DoorRequest, address?: string): void {
  new Newcomer(stream, request, address).hear();
}

function listening(server: Server, { address, port }: ListenRequest): Promise<Error | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen({ host: address, port, backlog: 128 }, () => {
      server.off("error", resolve);
      resolve(undefined);
    });
  });
}

/** A connection on its way to being let in; it is let in or rejected once. */
class Newcomer {
  readonly #socket: Duplex;
  readonly #address: string;
  readonly #request: DoorRequest;
  readonly #helloWithinMs: number;
  #stopWaiting: () => void = () => undefined;
  #isJudged = false;

  constructor(socket: Duplex, request: DoorRequest, address?: string) {
    this.#socket = socket;
    this.#address = address ?? (socket instanceof Socket ? peerAddress(socket) : "unknown");
    this.#request = request;
    this.#helloWithinMs = request.helloWithinMs ?? HELLO_WITHIN_MS;
    socket.on("error", () => socket.destroy()); // TLS tells of it too, once that has begun
  }

  /** By its address alone, before anything of it is read. */
  judge(preAuth: PreAuth): void {
    if (!this.#request.terms().admits(this.#address)) {
      this.#reject("its address is not admitted");
      return;
    }
    const leave = preAuth.admit(this.#address);
    if (leave === undefined) this.#reject("too many connections wait to be let in");
    else this.hear(leave);
  }

  /** @param leave - called once it is let in or rejected */
  hear(leave: () => void = () => undefined): void {
    const timer = setTimeout(() => this.#reject("no greeting in time"), this.#helloWithinMs);
    this.#stopWaiting = () => {
      clearTimeout(timer);
      leave();
    };
    // A moment later, since TLS may yet say why.
    this.#socket.once("close", () => setImmediate(() => this.#reject("it went away before it was let in")));
    this.#secure(this.#request.terms());
  }

  /** A server of its own, so that what TLS says of a connection can be told of the right one. */
  #secure({ credential, trusts }: ListenTerms): void {
    const tls = createTlsServer({
      ...secureOptionsOf(credential),
      requestCert: true,
      // OpenSSL sees that the certificate's key is the client's own; whose certificates are good it says, or `trusts`.
      rejectUnauthorized: trusts === undefined,
      ALPNProtocols: [ALPN],
      handshakeTimeout: this.#helloWithinMs,
    });
    const worker = credential.workerCertificate;
    tls.on("secureConnection", (socket) => this.#secured(socket, trusts, worker));
    tls.on("tlsClientError", (error, { authorizationError }) => this.#reject(reasonOf(error, authorizationError)));
    tls.emit("connection", this.#socket);
  }

  /** It has proved which certificate is its own; it has yet to greet. */
  #secured(socket: TLSSocket, trusts: ListenTerms["trusts"], worker: Uint8Array): void {
    socket.on("error", () => socket.destroy()); // the close that follows is what counts
    const fingerprint = fingerprintOf(socket);
    const isTrusted = trusts === undefined ? socket.authorized : trusts(fingerprint, this.#address);
    const fault = handshakeFault(socket, isTrusted);
    if (fault !== undefined) {
      this.#reject(fault);
      return;
    }
    firstWords(socket, (hello) => {
      if (this.#isJudged) return;
      if (typeof hello === "string") {
        this.#tell(`it broke the protocol: ${hello}`);
        sendAway(socket, this.#request.clock, hello);
        return;
      }
      const expired = this.#expiry(socket);
      if (expired !== undefined) {
        this.#tell(`its key ${expired} (${fingerprint})`);
        sendAway(socket, this.#request.clock, `our key ${expired}`);
        return;
      }
      this.#stopWaiting();
      this.#isJudged = true;
      this.#request.onGreeted({
        hello,
        stream: socket,
        address: this.#address,
        fingerprint,
        receivedMs: this.#request.clock.nowMs(),
        munge: hello.munge === undefined ? undefined : { credential: hello.munge, channel: channelOf(socket, worker) },
      });
    });
  }

  /** OpenSSL has looked only where it was to say whose certificates are good. */
  #expiry(socket: TLSSocket): string | undefined {
    const certificate = socket.getPeerX509Certificate();
    const expires = certificate === undefined ? ok(undefined) : expiryOfCertificate(certificate.raw);
    return expires.ok ? expiryFault(expires.value, this.#request.clock.nowMs()) : expires.error;
  }

  #reject(reason: string): void {
    if (this.#isJudged) return;
    this.#tell(reason);
    this.#socket.destroy();
  }

  #tell(reason: string): void {
    this.#stopWaiting();
    if (this.#isJudged) return;
    this.#isJudged = true;
    this.#request.onRejected(this.#address, reason);
  }
}

/** Calls back once with the greeting, or with what was wrong with it; all that was read is put back into the stream, which pauses. */
function firstWords(stream: Duplex, heard: (hello: MessageOf<"hello"> | string) => void): void {
  const endpoint = new Endpoint("node");
  const read: Buffer[] = [];
  const listen = (bytes: Buffer): void => {
    read.push(bytes);
    const first = endpoint.receive(bytes).find(({ type }) => type === "hello" || type === "fault");
    if (first?.type !== "hello" && first?.type !== "fault") return;
    stream.off("data", listen);
    stream.pause();
    stream.unshift(Buffer.concat(read));
    heard(first.type === "hello" ? first : first.text);
  };
  stream.on("data", listen);
}

/** `judgement` is what OpenSSL has against the certificate, if that was looked at; its code, whatever the type says. */
function reasonOf(error: NodeJS.ErrnoException, judgement: unknown): string {
  if (typeof judgement === "string") return `no proof of the key (${judgement})`;
  if (error.code === "ECONNRESET") return "it went away before it had proved itself";
  return `no proof of the key (${error.code ?? error.message})`;
}
