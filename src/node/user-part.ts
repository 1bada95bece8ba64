/** The processes of one account on a worker that root started: everything that a client says is read here, as that account. */

import { chmodSync, chownSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { setPriority, tmpdir } from "node:os";
import { nativeLibrary } from "../os/native.js";
import { becomeUser } from "../os/privileges.js";
import { createSpawner } from "../os/spawn.js";
import { Audit } from "./audit.js";
import { House } from "./house.js";
import { listenToLines } from "./line-channel.js";
import type { PartIo } from "./network-part.js";
import { parseUserTerms, type UserTerms } from "./part-terms.js";

/** How often the number of jobs is told at most. */
const TELL_EVERY_MS = 100;
/** The line before a client's bytes: its address, and when its greeting arrived. */
const MAX_PREFACE_BYTES = 64;

/** Runs until the monitor wants no more of it, and none of its processes is left. */
export function runUserPart(io: PartIo): Promise<void> {
  return new Promise((resolve) => {
    const part = new UserPart(io, resolve);
    listenToLines(io.input, { line: (line) => part.told(line), ended: () => part.stop() });
  });
}

class UserPart {
  readonly #io: PartIo;
  readonly #done: () => void;
  #house: House | undefined;
  #server: Server | undefined;
  #others = 0;
  #told = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(io: PartIo, done: () => void) {
    this.#io = io;
    this.#done = done;
  }

  told(line: string): void {
    const [, word = "", rest = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    switch (word) {
      case "terms":
        this.#begin(parseUserTerms(rest));
        return;
      case "others":
        this.#others = Number(rest);
        return;
      case "drain":
        this.#server?.close();
        void (this.#house?.drain() ?? Promise.resolve()).then(this.#done); // a failure ends this process with its trace
        return;
      default:
        throw new Error(`internal error: the monitor says ${word}`);
    }
  }

  stop(): void {
    this.#server?.close();
    if (this.#house === undefined) this.#done();
    else void this.#house.stop().then(this.#done); // a failure ends this process with its trace
  }

  /** As root it does only this: opens the door that the network part alone may use, and gives everything up. */
  #begin(terms: UserTerms): void {
    process.title = `mexecd: ${terms.user}`;
    this.#server = createServer({ allowHalfOpen: false }, (socket) => this.#preface(socket, terms));
    this.#server.listen(terms.socket, () => {
      chownSync(terms.socket, terms.socketUid, 0);
      chmodSync(terms.socket, 0o600);
      setPriority(terms.nice);
      nativeLibrary();
      becomeUser({ uid: terms.uid, gid: terms.gid, groupsOf: terms.user });
      process.umask(0o022);
      this.#house = this.#openHouse(terms);
      this.#io.tell("ready");
    });
  }

  #openHouse({ name, slots, uid, limits, debug }: UserTerms): House {
    const temporaryDirectory = tmpdir();
    return new House({
      name,
      slots,
      limits,
      clock: this.#io.clock,
      spawner: createSpawner({ temporaryDirectory }),
      temporaryDirectory,
      uid,
      audit: new Audit((line) => this.#io.tell(`log ${line}`), this.#io.clock),
      debug: debug ? (line) => this.#io.tell(`debug ${line.replaceAll("\n", " ")}`) : undefined,
      onRunning: () => this.#tellRunning(),
      runningElsewhere: () => this.#others,
    });
  }

  /** The network part says where a client comes from, and since when; all that follows is the client's. */
  #preface(socket: Socket, { fingerprint, maxJobs }: UserTerms): void {
    let read = Buffer.alloc(0);
    const listen = (bytes: Buffer): void => {
      read = Buffer.concat([read, bytes]);
      const end = read.indexOf("\n");
      if (end < 0 && read.length <= MAX_PREFACE_BYTES) return;
      socket.off("data", listen);
      if (end < 0 || this.#house === undefined) {
        socket.destroy();
        return;
      }
      const [address = "", received = ""] = read.toString("latin1", 0, end).split(" ");
      socket.pause();
      socket.unshift(read.subarray(end + 1));
      this.#house.serve(socket, { address, receivedMs: Number(received), fingerprint, maxJobs });
    };
    socket.on("error", () => socket.destroy());
    socket.on("data", listen);
  }

  #tellRunning(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const running = this.#house?.running ?? 0;
      if (this.#told !== running) this.#io.tell(`running ${String(running)}`);
      this.#told = running;
    }, TELL_EVERY_MS);
  }
}
