/** Slots for what programs of a job run besides: one of the session, and one of the node on which they are. */

import type { FurtherSlots, Slot } from "../sched/job.js";

/** A node's own slots. */
export interface NodeRoom {
  isFree(): boolean;
  /** Takes one. @returns the way to give it back */
  enter(): () => void;
  /** One that a job has is not used for a while. @returns the way to have it again, whether or not there is room */
  lend(): () => void;
  /** Calls back when there may be one. @returns the way to stop it */
  whenChanged(listener: () => void): () => void;
}

/** Nobody holds a slot of the one kind while he waits for one of the other: somebody else may have use for it. */
export function slotsOn(room: NodeRoom, slots: FurtherSlots): FurtherSlots {
  return {
    take: (taken) => {
      const waiting = new WaitingForBoth(room, slots, taken);
      waiting.begin();
      return () => waiting.stop();
    },
  };
}

class WaitingForBoth {
  readonly #room: NodeRoom;
  readonly #slots: FurtherSlots;
  readonly #taken: (slot: Slot) => void;
  #stopRoom: (() => void) | undefined;
  #stopSlot: (() => void) | undefined;

  constructor(room: NodeRoom, slots: FurtherSlots, taken: (slot: Slot) => void) {
    this.#room = room;
    this.#slots = slots;
    this.#taken = taken;
  }

  begin(): void {
    if (this.#room.isFree()) this.#awaitSlot();
    else this.#awaitRoom();
  }

  stop(): void {
    this.#stopRoom?.();
    this.#stopSlot?.();
  }

  #awaitRoom(): void {
    this.#stopRoom = this.#room.whenChanged(() => {
      if (!this.#room.isFree()) return;
      this.#stopRoom?.();
      this.#awaitSlot();
    });
  }

  #awaitSlot(): void {
    this.#stopSlot = this.#slots.take((slot) => this.#takeBoth(slot));
  }

  #takeBoth(slot: Slot): void {
    if (!this.#room.isFree()) {
      this.#awaitRoom();
      slot.give();
      return;
    }
    const leave = this.#room.enter();
    this.#taken({
      give: () => {
        leave();
        slot.give();
      },
    });
  }
}
