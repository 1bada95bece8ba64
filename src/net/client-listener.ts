/** The worker's socket: lets clients in that come from an admitted address, hold the other half of the key, and greet in time. */

import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { fail, ok, type Result } from "../base/result.js";
import { errnoOf, strerror } from "../os/strerror.js";
import type { Received } from "../wire/endpoint.js";
import type { WorkerKeyFile } from "../wire/key-file.js";
import { ALPN, CLIENT_SILENCE_MS, HELLO_WITHIN_MS } from "../wire/limits.js";
import type { MessageOf } from "../wire/message.js";
import { handshakeFault, secureOptionsOf } from "./credential.js";
import { EndpointSocket } from "./endpoint-socket.js";
import type { WallClock } from "./node-connection.js";
import { PreAuth } from "./pre-auth.js";

/** What comes of a client that greeted. */
export interface ClientHandler {
  received(received: Received): void;
  /** The connection is gone. */
  closed(reason: string): void;
}

export interface ListenRequest {
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  readonly credential: WorkerKeyFile;
  readonly clock: WallClock;
  /** Whether anything at all is to be heard from an address. */
  readonly admits: (address: string) => boolean;
  /** A client holds the key and has greeted; it is now to be answered or sent away. */
  readonly onClient: (hello: MessageOf<"hello">, link: EndpointSocket, address: string) => ClientHandler;
  /** Someone was not let in. */
  readonly onRejected: (address: string, reason: string) => void;
  readonly helloWithinMs?: number;
  readonly silenceMs?: number;
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
  readonly #socket: Socket;
  readonly #address: string;
  readonly #request: ListenRequest;
  readonly #helloWithinMs: number;
  #stopWaiting: () => void = () => undefined;
  #handler: ClientHandler | undefined;
  #isRejected = false;

  constructor(socket: Socket, request: ListenRequest) {
    this.#socket = socket;
    this.#address = addressOf(socket);
    this.#request = request;
    this.#helloWithinMs = request.helloWithinMs ?? HELLO_WITHIN_MS;
  }

  /** By its address alone, before anything of it is read. */
  judge(preAuth: PreAuth): void {
    this.#socket.on("error", () => this.#socket.destroy()); // TLS tells of it too, once that has begun
    if (!this.#request.admits(this.#address)) {
      this.#reject("its address is not admitted");
      return;
    }
    const leave = preAuth.admit(this.#address);
    if (leave === undefined) {
      this.#reject("too many connections wait to be let in");
      return;
    }
    const timer = setTimeout(() => this.#reject("no greeting in time"), this.#helloWithinMs);
    this.#stopWaiting = () => {
      clearTimeout(timer);
      leave();
    };
    // A moment later, since TLS may yet say why.
    this.#socket.once("close", () => setImmediate(() => this.#reject("it went away before it was let in")));
    this.#secure();
  }

  /** A server of its own, so that what TLS says of a connection can be told of the right one. */
  #secure(): void {
    const tls = createTlsServer({
      ...secureOptionsOf(this.#request.credential),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: [ALPN],
      handshakeTimeout: this.#helloWithinMs,
    });
    tls.on("secureConnection", (socket) => this.#secured(socket));
    tls.on("tlsClientError", (error, { authorizationError }) => this.#reject(reasonOf(error, authorizationError)));
    tls.emit("connection", this.#socket);
  }

  /** It holds the key; it has yet to greet. */
  #secured(socket: TLSSocket): void {
    const fault = handshakeFault(socket);
    if (fault !== undefined) {
      this.#reject(fault);
      return;
    }
    const { clock, silenceMs = CLIENT_SILENCE_MS } = this.#request;
    const link = new EndpointSocket(socket, {
      role: "node",
      clock,
      silenceMs,
      onReceived: (received) => {
        if (this.#handler !== undefined) this.#handler.received(received);
        else this.#heardFirst(received, link);
      },
      onClosed: (reason) => this.#handler?.closed(reason),
    });
  }

  #heardFirst(received: Received, link: EndpointSocket): void {
    if (received.type === "hello") {
      this.#stopWaiting();
      this.#handler = this.#request.onClient(received, link, this.#address);
    } else if (received.type === "fault") {
      this.#tell(`it broke the protocol: ${received.text}`); // the socket says goodbye and closes by itself
    }
  }

  #reject(reason: string): void {
    this.#tell(reason);
    if (this.#handler === undefined) this.#socket.destroy();
  }

  #tell(reason: string): void {
    this.#stopWaiting();
    if (this.#isRejected || this.#handler !== undefined) return;
    this.#isRejected = true;
    this.#request.onRejected(this.#address, reason);
  }
}

/** An IPv4 address that came through an IPv6 socket is given as what it is. */
function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? "unknown").replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** `judgement` is what OpenSSL has against the certificate, if that was looked at; its code, whatever the type says. */
function reasonOf(error: NodeJS.ErrnoException, judgement: unknown): string {
  if (typeof judgement === "string") return `no proof of the key (${judgement})`;
  if (error.code === "ECONNRESET") return "it went away before it had proved itself";
  return `no proof of the key (${error.code ?? error.message})`;
}
