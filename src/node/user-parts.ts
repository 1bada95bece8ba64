/** The processes that serve clients as their accounts, as the monitor of a worker keeps them: one for each account and credential. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Admission } from "./admission.js";
import type { Audit } from "./audit.js";
import type { JobLimits } from "./limit-watch.js";
import { Part, type PartListener, type PartProgram } from "./part.js";
import { parseUserRequest } from "./part-requests.js";
import { formatTerms, type UserTerms } from "./part-terms.js";

export interface UserPartsOptions {
  readonly program: PartProgram;
  readonly name: string;
  readonly slots: number;
  readonly limits: JobLimits;
  /** Where their doors are. */
  readonly directory: string;
  /** Who may go through the doors. */
  readonly networkUid: number;
  readonly audit: Audit;
  readonly debug: ((line: string) => void) | undefined;
}

/** The words by which this program is started as a part. */
export const PART_WORDS = { network: "network-part", user: "user-part" } as const;

/** Processes of accounts and credentials that may be there at once. */
const MAX_USER_PARTS = 256;
const READY_WITHIN_MS = 15_000;
/** A part that serves nobody stays for so long. */
const IDLE_MS = 60_000;
const TELL_OTHERS_EVERY_MS = 100;

interface UserPart {
  readonly key: string;
  readonly account: string;
  readonly fingerprint: string;
  readonly part: Part;
  readonly socket: string;
  readonly ready: Promise<boolean>;
  readonly clients: Set<string>;
  running: number;
  idle: NodeJS.Timeout | undefined;
}

/** A process that is ready to become a part. */
interface Spare {
  readonly part: Part;
  /** Who hears it, from the moment when it has an account. */
  listener: PartListener | undefined;
}

export class UserParts {
  readonly #options: UserPartsOptions;
  /** Those that clients who come now are given. */
  readonly #current = new Map<string, UserPart>();
  readonly #living = new Set<UserPart>();
  readonly #clients = new Map<string, UserPart>();
  /** Always one, so that a new user's client has not to wait until a process has started. */
  #spare: Spare | undefined;
  #lastSocket = 0;
  #tellOthers: NodeJS.Timeout | undefined;
  #isEnding = false;

  constructor(options: UserPartsOptions) {
    this.#options = options;
  }

  /** The door behind which a client is served; undefined when no process can be had. */
  async serve(id: string, admission: Admission): Promise<string | undefined> {
    const user = this.#userPartOf(admission);
    if (user === undefined) return undefined;
    user.clients.add(id);
    clearTimeout(user.idle);
    this.#clients.set(id, user);
    return (await user.ready) ? user.socket : undefined;
  }

  /** A client is gone. */
  released(id: string): void {
    const user = this.#clients.get(id);
    this.#clients.delete(id);
    if (user?.clients.delete(id) !== true || user.clients.size > 0) return;
    clearTimeout(user.idle);
    user.idle = setTimeout(() => {
      this.#forget(user);
      user.part.stop();
    }, IDLE_MS).unref();
  }

  /** Clients that come from now on get new processes; those of credentials that are not listed any more only finish their jobs. */
  renew(isListed: (fingerprint: string) => boolean): void {
    this.#current.clear();
    for (const { part, fingerprint } of this.#living) if (!isListed(fingerprint)) part.send("drain");
  }

  /** Resolves when all have ended, as they were told. */
  async end(how: "drain" | "stop"): Promise<void> {
    this.#isEnding = true;
    this.#spare?.part.stop();
    const parts = [...this.#living].map(({ part }) => part);
    for (const part of parts) {
      if (how === "drain") part.send("drain");
      else part.stop();
    }
    await Promise.all([...parts.map(({ ended }) => ended), this.#spare?.part.ended]);
  }

  /** Has a process at hand for the next account. */
  prepare(): void {
    if (!this.#isEnding) this.#spare ??= this.#startSpare();
  }

  #startSpare(): Spare {
    const { program, debug } = this.#options;
    const part = new Part(program, [PART_WORDS.user], {
      line: (text) => spare.listener?.line(text) ?? false,
      complaint: (text) => (spare.listener === undefined ? debug?.(text) : spare.listener.complaint(text)),
      ended: (how) => {
        if (this.#spare === spare) this.#spare = undefined;
        spare.listener?.ended(how);
      },
    });
    const spare: Spare = { part, listener: undefined };
    return spare;
  }

  #userPartOf(admission: Admission): UserPart | undefined {
    const key = `${admission.account.name} ${admission.grant.fingerprint}`;
    const known = this.#current.get(key);
    if (known !== undefined) return known;
    if (this.#isEnding || this.#living.size >= MAX_USER_PARTS) return undefined;
    const started = this.#start(key, admission);
    this.#current.set(key, started);
    this.#living.add(started);
    return started;
  }

  #start(key: string, admission: Admission): UserPart {
    const { directory, debug } = this.#options;
    const account = admission.account.name;
    const heard: { ready: (isReady: boolean) => void } = { ready: () => undefined };
    const ready = new Promise<boolean>((resolve) => (heard.ready = resolve));
    const spare = this.#spare ?? this.#startSpare();
    this.#spare = undefined;
    const { part } = spare;
    spare.listener = {
      line: (text) => this.#says(user, text, heard.ready),
      complaint: (text) => debug?.(`${account}: ${text}`),
      ended: (how) => {
        heard.ready(false);
        this.#ended(user, how);
      },
    };
    const timer = setTimeout(() => part.kill("it was not ready in time"), READY_WITHIN_MS);
    void ready.then(() => clearTimeout(timer)); // never rejects
    const socket = join(directory, String(++this.#lastSocket));
    const { fingerprint } = admission.grant;
    const clients = new Set<string>();
    const user: UserPart = { key, account, fingerprint, part, socket, ready, clients, running: 0, idle: undefined };
    part.send(`terms ${formatTerms(this.#termsOf(admission, socket))}`);
    void ready.then(() => this.prepare()); // never rejects; not now, since that would make this one slow
    return user;
  }

  #termsOf({ account, grant }: Admission, socket: string): UserTerms {
    const { name, slots, limits, debug, networkUid } = this.#options;
    const { nice, fingerprint, maxJobs } = grant;
    const { name: user, uid, gid } = account;
    const socketUid = networkUid;
    const own = { user, uid, gid, nice, fingerprint, maxJobs, socket, socketUid };
    return { ...own, name, slots, limits, debug: debug !== undefined };
  }

  /** @returns whether it may say so */
  #says(user: UserPart, text: string, ready: (isReady: boolean) => void): boolean {
    const request = parseUserRequest(text);
    if (request === undefined) return false;
    const [first = ""] = request.words;
    switch (request.name) {
      case "ready":
        ready(true);
        return true;
      case "running":
        user.running = Number(first);
        this.#tellOthersSoon();
        return true;
      case "log":
        return this.#options.audit.relay(first, user.account);
      case "debug":
        this.#options.debug?.(`${user.account}: ${first}`);
        return true;
    }
  }

  #ended(user: UserPart, how: string): void {
    rmSync(user.socket, { force: true });
    const isExpected = this.#isEnding || this.#current.get(user.key) !== user;
    this.#living.delete(user);
    this.#forget(user);
    this.#tellOthersSoon();
    if (!isExpected) this.#options.audit.note({ event: "part-ended", part: "user", account: user.account, how });
  }

  /** Whoever asks for its account from now on gets another one. */
  #forget(user: UserPart): void {
    clearTimeout(user.idle);
    if (this.#current.get(user.key) === user) this.#current.delete(user.key);
  }

  /** Each tells its clients the load of the whole machine. */
  #tellOthersSoon(): void {
    if (this.#tellOthers !== undefined) return;
    this.#tellOthers = setTimeout(() => {
      this.#tellOthers = undefined;
      const all = [...this.#living].reduce((sum, { running }) => sum + running, 0);
      for (const { part, running } of this.#living) part.send(`others ${String(all - running)}`);
    }, TELL_OTHERS_EVERY_MS).unref();
  }
}
