/** A way over TCP that a test can cut without either end being told: bytes just do not arrive any more. */

import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

export class TcpRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #bytesFromClients = 0;
  #connections = 0;
  #open = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port - on the loopback, of what is reached by way of the relay */
  static async to(port: number): Promise<TcpRelay> {
    const server = createServer();
    const relay = new TcpRelay(server);
    server.on("connection", (socket) => {
      const other = connect(port, "127.0.0.1");
      relay.#connections++;
      relay.#open++;
      socket.on("close", () => relay.#open--);
      socket.on("data", ({ length }) => (relay.#bytesFromClients += length));
      relay.#join(socket, other);
      relay.#join(other, socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** So many have come from the side that connects. */
  get bytesFromClients(): number {
    return this.#bytesFromClients;
  }

  /** Connections that were made, ever and still. */
  get connections(): { readonly made: number; readonly open: number } {
    return { made: this.#connections, open: this.#open };
  }

  /** From now on nothing passes, and nobody is told. */
  cut(): void {
    this.#isCut = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (bytes) => {
      if (!this.#isCut) to.write(bytes);
    });
    // A socket that breaks ends with "close", too
    from.on("error", () => undefined);
    from.on("close", () => {
      if (!this.#isCut) to.destroy();
    });
  }
}
