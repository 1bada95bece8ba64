/** Those who have called and have yet to prove who they are: bounded, and no crowd keeps a single caller out. */

import type { Socket } from "node:net";

interface Guest {
  readonly address: string;
  /** Whether it has said what it calls for, as an honest caller does at once. */
  readonly hasSpoken: boolean;
  readonly turnOut: () => void;
}

export class WaitingRoom {
  /** In the order in which they came. */
  readonly #guests = new Map<Socket, Guest>();
  readonly #places: number;

  constructor(places: number) {
    this.#places = places;
  }

  /**
   * Lets another one wait. Where there is no place, one of those at the most crowded address goes: who has not spoken before who has,
   * and who has waited longest before others.
   */
  enter(socket: Socket, guest: Pick<Guest, "address" | "turnOut">): void {
    if (this.#guests.size >= this.#places) this.#turnOneOut(guest.address);
    this.#guests.set(socket, { ...guest, hasSpoken: false });
  }

  /** @param turnOut - called from now on when it has to go */
  spoke(socket: Socket, turnOut: () => void): void {
    const guest = this.#guests.get(socket);
    if (guest !== undefined) this.#guests.set(socket, { ...guest, hasSpoken: true, turnOut });
  }

  leave(socket: Socket): void {
    this.#guests.delete(socket);
  }

  close(): void {
    for (const socket of this.#guests.keys()) socket.destroy();
  }

  #turnOneOut(newcomer: string): void {
    const counts = new Map([[newcomer, 1]]);
    for (const { address } of this.#guests.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const crowd = [...this.#guests].filter(([, { address }]) => counts.get(address) === most);
    const [socket, guest] = crowd.find(([, { hasSpoken }]) => !hasSpoken) ?? crowd[0] ?? [];
    if (socket === undefined) return;
    this.#guests.delete(socket);
    guest?.turnOut();
  }
}
