/**
 * The half of a worker that talks to the network, when root started it: an account without rights. It has the key, lets nobody in
 * itself, and moves bytes between clients and the processes of the users that the monitor says they are.
 */

import { connect, type Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { type ClientListener, type DoorRequest, type Greeted, listenForClients } from "../net/client-listener.js";
import type { WallClock } from "../net/node-connection.js";
import { destroyWhenStuck, endPatiently, LINGER_MS } from "../net/end-patiently.js";
import { sendAway } from "../net/send-away.js";
import { becomeUser } from "../os/privileges.js";
import { CLIENT_SILENCE_MS } from "../wire/limits.js";
import { isAdmitted } from "./address-pairs.js";
import { Audit } from "./audit.js";
import { startFindable } from "./findable.js";
import { listenToLines } from "./line-channel.js";
import { type NetworkTerms, parseNetworkTerms } from "./part-terms.js";
import type { Responder } from "./responder.js";

export interface PartIo {
  readonly input: Readable;
  /** Writes a line to the monitor. */
  readonly tell: (line: string) => void;
  readonly clock: WallClock;
}

/** Connections that wait for the monitor's answer. */
const MAX_WAITING = 256;

/** Runs until the monitor wants no more of it. */
export function runNetworkPart(io: PartIo): Promise<void> {
  return new Promise((resolve) => {
    const part = new NetworkPart(io);
    listenToLines(io.input, { line: (line) => part.told(line), ended: () => resolve(part.stop()) });
  });
}

class NetworkPart {
  readonly #io: PartIo;
  readonly #audit: Audit;
  readonly #waiting = new Map<string, Greeted>();
  /** Both sides of what is joined, and the clients' alone. */
  readonly #open = new Set<Duplex>();
  readonly #clients = new Set<Duplex>();
  #terms: NetworkTerms | undefined;
  #listener: ClientListener | undefined;
  #findable: Responder | undefined;
  #lastId = 0;
  /** What one side has said last gets so long to reach the other. */
  #patienceMs = CLIENT_SILENCE_MS;

  constructor(io: PartIo) {
    this.#io = io;
    this.#audit = new Audit((line) => io.tell(`log ${line}`), io.clock);
  }

  told(line: string): void {
    const [, word = "", rest = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    const [, id = "", text = ""] = /^(\d+) (.*)$/.exec(rest) ?? [];
    switch (word) {
      case "terms":
        this.#take(parseNetworkTerms(rest));
        return;
      case "go":
        this.#go(id, text);
        return;
      case "no":
        this.#no(id, text);
        return;
      case "drain":
        this.#deafen();
        return;
      case "stop":
        this.#deafen();
        this.#patienceMs = LINGER_MS;
        return;
      default:
        throw new Error(`internal error: the monitor says ${word}`);
    }
  }

  /** Ends once what the users' parts, which are at their end, have said last has gone out. */
  async stop(): Promise<void> {
    this.#deafen();
    for (const greeted of this.#waiting.values()) greeted.stream.destroy();
    const closed = [...this.#open].map((one) => new Promise((resolve) => one.once("close", resolve)));
    for (const one of this.#clients) destroyWhenStuck(one, this.#patienceMs);
    await Promise.all(closed);
  }

  #deafen(): void {
    this.#listener?.close();
    this.#findable?.close();
  }

  /** The first terms say who it is to be and where it listens; those parts of later ones do not count. */
  #take(terms: NetworkTerms): void {
    const isFirst = this.#terms === undefined;
    this.#terms = terms;
    this.#findable?.renew(terms.announcements);
    if (!isFirst) return;
    process.title = "mexecd: network";
    becomeUser({ uid: terms.uid, gid: terms.gid, groupsOf: undefined });
    void this.#listen(terms); // never rejects: a failure is told
  }

  async #listen(first: NetworkTerms): Promise<void> {
    const { address, port, name, group, announcements: key } = first;
    const { clock } = this.#io;
    const door: DoorRequest = {
      clock,
      terms: () => {
        const { credential, admitted, fingerprints } = this.#terms ?? first;
        return {
          credential,
          admits: (from) => isAdmitted(from, admitted),
          trusts: (fingerprint) => fingerprints.includes(fingerprint),
        };
      },
      onGreeted: (greeted) => this.#greeted(greeted),
      onRejected: (from, reason) => this.#audit.rejected(from, reason),
    };
    const listener = await listenForClients({ address, port, ...door });
    if (!listener.ok) {
      this.#io.tell(`failed ${listener.error}`);
      return;
    }
    this.#listener = listener.value;
    const debug = (line: string): void => this.#io.tell(`debug ${line}`);
    // How many jobs run is for the users' parts to know: the machine's load says enough of it.
    const findable = await startFindable({
      name,
      group,
      key,
      door,
      running: () => 0,
      clock,
      audit: this.#audit,
      debug,
    });
    if (!findable.ok) {
      this.#io.tell(`failed ${findable.error}`);
      return;
    }
    this.#findable = findable.value;
    this.#io.tell(`listening ${listener.value.address} ${String(listener.value.port)}`);
  }

  #greeted(greeted: Greeted): void {
    if (this.#waiting.size >= MAX_WAITING) {
      sendAway(greeted.stream, this.#io.clock, "too many clients wait to be let in");
      return;
    }
    const id = String(++this.#lastId);
    this.#waiting.set(id, greeted);
    greeted.stream.once("close", () => {
      this.#waiting.delete(id);
      this.#io.tell(`closed ${id}`);
    });
    this.#io.tell(`open ${id} ${greeted.fingerprint} ${String(greeted.hello.uid)} ${greeted.address}${shown(greeted)}`);
  }

  #no(id: string, reason: string): void {
    const greeted = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (greeted !== undefined) sendAway(greeted.stream, this.#io.clock, reason);
  }

  #go(id: string, path: string): void {
    const greeted = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (greeted === undefined) return; // it has gone meanwhile
    const inner = connect(path);
    inner.write(`${greeted.address} ${String(greeted.receivedMs)}\n`);
    this.#splice(greeted.stream, inner);
  }

  #splice(outer: Duplex, inner: Socket): void {
    this.#clients.add(outer);
    outer.once("close", () => this.#clients.delete(outer));
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      this.#open.add(one);
      one.on("error", () => one.destroy()); // the close that follows tells the other side
      one.once("close", () => {
        this.#open.delete(one);
        endPatiently(other, this.#patienceMs);
      });
      one.pipe(other);
    }
  }
}

/** What is no credential at all is as good as none. */
function shown({ munge }: Greeted): string {
  return munge !== undefined && /^[!-~]+$/.test(munge.credential) ? ` ${munge.channel} ${munge.credential}` : "";
}
