/** The worker's socket: lets clients in that come from an admitted address, hold the other half of the key, and greet in time. */

import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from "node:tls";
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
  const gate = new Gate(request);
  const where = `${request.address}:${String(request.port)}`;
  const failure = await listening(gate.server, request);
  if (failure !== undefined) {
    const errno = errnoOf(failure);
    return fail(`cannot listen on ${where} (${errno === undefined ? failure.message : strerror(errno)})`);
  }
  const bound = gate.server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : request.port;
  return ok({ address: request.address, port, close: () => gate.server.close() });
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

class Gate {
  readonly server: Server;
  readonly #request: ListenRequest;
  readonly #tls: TlsServer;
  readonly #preAuth = new PreAuth();
  /** How to end the wait for a connection's greeting, by its plain socket's address and port. */
  readonly #waits = new Map<string, () => void>();

  constructor(request: ListenRequest) {
    this.#request = request;
    const tls = createTlsServer({
      ...secureOptionsOf(request.credential),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: [ALPN],
      handshakeTimeout: this.#helloWithinMs,
    });
    tls.on("secureConnection", (socket) => this.#secured(socket));
    tls.on("tlsClientError", (error, socket) => this.#reject(addressOf(socket), reasonOf(error)));
    this.#tls = tls;
    this.server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 }, (socket) =>
      this.#accepted(socket),
    );
  }

  get #helloWithinMs(): number {
    return this.#request.helloWithinMs ?? HELLO_WITHIN_MS;
  }

  /** A plain connection: judged by its address alone, before anything of it is read. */
  #accepted(socket: Socket): void {
    const address = addressOf(socket);
    socket.on("error", () => socket.destroy()); // until TLS takes over; the rejection is told there
    if (!this.#request.admits(address)) {
      this.#refuse(socket, "its address is not admitted");
      return;
    }
    const leave = this.#preAuth.admit(address);
    if (leave === undefined) {
      this.#refuse(socket, "too many connections wait to be let in");
      return;
    }
    const timer = setTimeout(() => this.#refuse(socket, "no greeting in time"), this.#helloWithinMs);
    const key = portOf(socket);
    const stopWaiting = (): void => {
      clearTimeout(timer);
      leave();
      this.#waits.delete(key);
    };
    this.#waits.set(key, stopWaiting);
    socket.once("close", stopWaiting);
    this.#tls.emit("connection", socket);
  }

  /** The client holds the key; it has yet to greet. */
  #secured(socket: TLSSocket): void {
    const address = addressOf(socket);
    const stopWaiting = this.#waits.get(portOf(socket));
    const fault = handshakeFault(socket);
    if (fault !== undefined) {
      this.#refuse(socket, fault);
      return;
    }
    let handler: ClientHandler | undefined;
    const link = new EndpointSocket(socket, {
      role: "node",
      clock: this.#request.clock,
      silenceMs: this.#request.silenceMs ?? CLIENT_SILENCE_MS,
      onReceived: (received) => {
        if (handler !== undefined) handler.received(received);
        else if (received.type === "fault") this.#reject(address, `it broke the protocol: ${received.text}`);
        else if (received.type === "hello") {
          stopWaiting?.();
          handler = this.#request.onClient(received, link, address);
        }
      },
      onClosed: (reason) => handler?.closed(reason),
    });
  }

  #refuse(socket: Socket, reason: string): void {
    this.#reject(addressOf(socket), reason);
    socket.destroy();
  }

  #reject(address: string, reason: string): void {
    this.#request.onRejected(address, reason);
  }
}

/** An IPv4 address that came through an IPv6 socket is given as what it is. */
function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? "unknown").replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

function portOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ""} ${String(socket.remotePort ?? 0)} ${String(socket.localPort ?? 0)}`;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === "ECONNRESET") return "it went away before it had proved itself";
  return `no proof of the key (${error.code ?? error.message})`;
}
