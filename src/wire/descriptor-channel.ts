/** One further descriptor of a job between its two sides: what may be said of it when, and its credit; each way for itself. */

import { ReceiveCredit, SendCredit } from "./credit.js";
import { type FurtherDescriptor, waysOf } from "./descriptor.js";
import { DESCRIPTOR_WINDOW_BYTES } from "./limits.js";
import type { MessageOf } from "./message.js";
import type { Role } from "./phase.js";
import { WireError } from "./wire-error.js";

/**
 * The life of one way, seen by either side of it:
 *
 *     none                                                            its bytes do not go this way
 *     from here:  open ─── we send fd-end ──────────────────────────▶ ended
 *                 open ─── fd-unread comes ──▶ unread ─ we send fd-end ▶ ended
 *     to here:    open ─── fd-end comes ────────────────────────────▶ ended
 *                 open ─── we send fd-unread ▶ unread ─ fd-end comes ──▶ ended
 *
 * `fd-data` may come while the way to here is open; while it is unread, too, for it crossed our word, and is dropped. `fd-unread`
 * may come once, also when it crosses our `fd-end`. `fd-credit` is an answer to data, and may come behind our `fd-end`.
 */
type WayPhase = "none" | "open" | "unread" | "ended";

class DescriptorChannel {
  #from: WayPhase;
  #to: WayPhase;
  /** The other side has said that it does not read. */
  #isUnreadThere = false;
  readonly #sending = new SendCredit(DESCRIPTOR_WINDOW_BYTES);
  readonly #receiving = new ReceiveCredit(DESCRIPTOR_WINDOW_BYTES);

  constructor(further: FurtherDescriptor, role: Role) {
    const { toNode, toClient } = waysOf(further);
    const [from, to] = role === "client" ? [toNode, toClient] : [toClient, toNode];
    this.#from = from ? "open" : "none";
    this.#to = to ? "open" : "none";
  }

  /** What data from here needs; undefined: nobody wants any. */
  get sending(): SendCredit | undefined {
    return this.#from === "open" ? this.#sending : undefined;
  }

  /** We send no more. @returns whether that is news to the other side */
  end(): boolean {
    const isNews = this.#from === "open" || this.#from === "unread";
    if (isNews) this.#from = "ended";
    return isNews;
  }

  /** We read no more. @returns whether that is news to the other side */
  leave(): boolean {
    const isNews = this.#to === "open";
    if (isNews) this.#to = "unread";
    return isNews;
  }

  /** Data was dealt with. @returns what to grant now */
  take(bytes: number): number {
    return this.#receiving.take(bytes);
  }

  /** Data came. @returns whether anybody wants it. @throws WireError */
  taking(bytes: number): boolean {
    if (this.#to !== "open" && this.#to !== "unread") throw new WireError("data of a descriptor that has none to come");
    this.#receiving.expect(bytes);
    return this.#to === "open";
  }

  /** `fd-end` came. @throws WireError */
  ended(): void {
    if (this.#to !== "open" && this.#to !== "unread") throw new WireError("the end of a descriptor that is not open");
    this.#to = "ended";
  }

  /** `fd-unread` came. @throws WireError */
  unread(): void {
    if (this.#from === "none" || this.#isUnreadThere) throw new WireError("fd-unread of a descriptor that is not read");
    this.#isUnreadThere = true;
    if (this.#from === "open") this.#from = "unread";
  }

  /** `fd-credit` came. @throws WireError */
  granted(bytes: number): void {
    this.#sending.grant(bytes);
  }
}

/** Those of one job. */
export class DescriptorChannels {
  readonly #channels: ReadonlyMap<number, DescriptorChannel>;

  constructor(further: readonly FurtherDescriptor[] | undefined, role: Role) {
    this.#channels = new Map((further ?? []).map((one) => [one.fd, new DescriptorChannel(one, role)]));
  }

  of(fd: number): DescriptorChannel | undefined {
    return this.#channels.get(fd);
  }

  /** @throws WireError when the job has no such descriptor */
  known(fd: number): DescriptorChannel {
    const channel = this.#channels.get(fd);
    if (channel === undefined) throw new WireError(`the descriptor ${String(fd)}, which the job does not have`);
    return channel;
  }

  /** The other side said something. @throws WireError */
  received(message: MessageOf<"fd-end" | "fd-unread" | "fd-credit">): void {
    const channel = this.known(message.fd);
    if (message.type === "fd-end") channel.ended();
    else if (message.type === "fd-unread") channel.unread();
    else channel.granted(message.bytes);
  }

  /** We are about to say something. @returns whether it is news to the other side */
  isNews({ type, fd }: MessageOf<"fd-end" | "fd-unread">): boolean {
    const channel = this.#channels.get(fd);
    return (type === "fd-end" ? channel?.end() : channel?.leave()) === true;
  }
}
