/**
 * The privileged half of a worker that root started. It reads the files that say who may do what, and starts two kinds of parts: one
 * that talks to the network and may do nothing, and one for each account that has been asked for by someone who may. It hears
 * no client: only lines of its parts, by the tables of `part-requests.ts`.
 */

import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "../base/result.js";
import { applicationKeyOf } from "../net/datagram-proof.js";
import type { Munge, MungeProof } from "../net/munge.js";
import type { WallClock } from "../net/node-connection.js";
import type { Account } from "../os/account.js";
import type { GroupAddress } from "../wire/group.js";
import { type AccountBook, type Admission, admit, type Applicant, isListed, mungeFault } from "./admission.js";
import type { Audit } from "./audit.js";
import type { Grant } from "./authorized.js";
import type { JobLimits } from "./limit-watch.js";
import { Part, type PartProgram } from "./part.js";
import { type NetworkRequest, parseNetworkRequest } from "./part-requests.js";
import { formatTerms, type NetworkTerms } from "./part-terms.js";
import { PART_WORDS, UserParts } from "./user-parts.js";
import type { Worker, WorkerTerms } from "./worker.js";

export interface MonitorOptions {
  readonly address: string;
  readonly port: number;
  readonly name: string;
  /** Where announcements of clients are heard that have not listed it; undefined: nowhere. */
  readonly group?: readonly GroupAddress[] | undefined;
  readonly slots: number;
  readonly limits: JobLimits;
  readonly terms: MonitorTerms;
  readonly accounts: AccountBook;
  readonly munge: Munge;
  /** Whom the network part becomes. */
  readonly networkAccount: Account;
  /** Where the directory of the parts' doors is made. */
  readonly runDirectory: string;
  readonly program: PartProgram;
  readonly clock: WallClock;
  readonly audit: Audit;
  readonly debug: ((line: string) => void) | undefined;
}

export interface MonitorTerms extends WorkerTerms {
  readonly grants: readonly Grant[];
}

/** A client before it is let in, and what it shows of itself. */
interface Knock {
  readonly applicant: Applicant;
  readonly shown: MungeProof | undefined;
}

/** More than the network part lets in. */
const MAX_CLIENTS = 16_384;
const RESTART_AFTER_MS = 1000;

/** Starts a worker of two halves. The failure is a phrase. */
export async function startMonitor(options: MonitorOptions): Promise<Result<Worker, string>> {
  const monitor = new Monitor(options);
  const listening = await monitor.start();
  if (listening.ok) return ok(monitor.worker(listening.value));
  await monitor.end("stop");
  return listening;
}

interface Listening {
  readonly address: string;
  readonly port: number;
}

/** What monitors that were killed have left. */
function removeOrphans(runDirectory: string): void {
  for (const name of readdirSync(runDirectory)) {
    const [, pid] = /^mexecd-(\d+)-\w{6}$/.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(runDirectory, name), { recursive: true, force: true });
  }
}

class Monitor {
  readonly #options: MonitorOptions;
  readonly #directory: string;
  readonly #users: UserParts;
  readonly #clients = new Set<string>();
  #terms: MonitorTerms;
  #port: number;
  #network: Part | undefined;
  #settle: ((result: Result<Listening, string>) => void) | undefined;
  #isEnding = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#terms = options.terms;
    this.#port = options.port;
    const { uid: networkUid, gid } = options.networkAccount;
    removeOrphans(options.runDirectory);
    this.#directory = mkdtempSync(join(options.runDirectory, `mexecd-${String(process.pid)}-`));
    chownSync(this.#directory, 0, gid);
    chmodSync(this.#directory, 0o710);
    this.#users = new UserParts({ ...options, directory: this.#directory, networkUid });
  }

  start(): Promise<Result<Listening, string>> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#startNetwork();
    });
  }

  worker({ address, port }: Listening): Worker {
    this.#port = port; // a network part that has to be started again is to be found where the first one was
    const reload = (terms: WorkerTerms): void => this.#reload(terms);
    return { address, port, reload, drain: () => this.end("drain"), stop: () => this.end("stop") };
  }

  /** First the users' parts, each in its own time; the network part carries what they have to say until then. */
  async end(how: "drain" | "stop"): Promise<void> {
    this.#isEnding = true;
    this.#network?.send(how);
    await this.#users.end(how);
    this.#network?.stop();
    await this.#network?.ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Clients that are in stay, on the old terms. */
  #reload(terms: WorkerTerms): void {
    const grants = terms.grants ?? [];
    this.#terms = { ...terms, grants };
    this.#network?.send(`terms ${formatTerms(this.#networkTerms())}`);
    this.#users.renew((fingerprint) => isListed(grants, fingerprint));
  }

  // ── the network part ──

  #startNetwork(): void {
    const { program, debug } = this.#options;
    const part = new Part(program, [PART_WORDS.network], {
      line: (text) => this.#networkSays(text),
      complaint: (text) => debug?.(`network part: ${text}`),
      ended: (how) => this.#networkEnded(how),
    });
    this.#network = part;
    part.send(`terms ${formatTerms(this.#networkTerms())}`);
  }

  /** Neither the seed, of which all keys of this worker can be made, nor who may run what as whom. */
  #networkTerms(): NetworkTerms {
    const { address, networkAccount, name, group } = this.#options;
    const { credential, admitted, grants } = this.#terms;
    const { kind, privateKey, workerCertificate, clientCertificate } = credential;
    return {
      address,
      port: this.#port,
      uid: networkAccount.uid,
      gid: networkAccount.gid,
      credential: { kind, privateKey, workerCertificate, clientCertificate },
      admitted,
      fingerprints: grants.map(({ fingerprint }) => fingerprint),
      name,
      group,
      announcements: applicationKeyOf(credential),
    };
  }

  #networkSays(text: string): boolean {
    const request = parseNetworkRequest(text);
    if (request === undefined) return false;
    const [first = "", second = ""] = request.words;
    switch (request.name) {
      case "listening":
        this.#started(ok({ address: first, port: Number(second) }));
        this.#users.prepare();
        return true;
      case "failed":
        this.#started(fail(first));
        return true;
      case "open":
        return this.#open(request);
      case "closed":
        this.#closed(first);
        return true;
      case "log":
        return this.#options.audit.relay(first, "network part");
      case "debug":
        this.#options.debug?.(first);
        return true;
    }
  }

  #started(result: Result<Listening, string>): void {
    this.#settle?.(result);
    this.#settle = undefined;
  }

  /** Its clients are gone with it; it is started again, unless it never ran. */
  #networkEnded(how: string): void {
    this.#network = undefined;
    for (const id of [...this.#clients]) this.#closed(id);
    if (this.#isEnding) return;
    this.#options.audit.note({ event: "part-ended", part: "network", how });
    if (this.#settle === undefined) setTimeout(() => this.#restartNetwork(), RESTART_AFTER_MS);
    else this.#started(fail(`the part that listens has ended (${how})`));
  }

  #restartNetwork(): void {
    if (!this.#isEnding) this.#startNetwork();
  }

  // ── clients ──

  /** A client has proved its credential to the network part: whose process is to serve it? */
  #open({ words }: NetworkRequest): boolean {
    const [id = "", fingerprint = "", uidWord = "", address = "", channel = "", credential] = words;
    const uid = Number(uidWord);
    if (this.#clients.has(id) || this.#clients.size >= MAX_CLIENTS || uid > 0xffff_ffff) return false;
    const { accounts, clock } = this.#options;
    const against = { grants: this.#terms.grants, accounts, nowMs: clock.nowMs() };
    const admission = this.#isEnding ? fail("the worker was stopped") : admit({ fingerprint, address, uid }, against);
    this.#clients.add(id);
    const applicant = { fingerprint, address, uid };
    const shown = credential === undefined ? undefined : { credential, channel };
    if (admission.ok)
      void this.#letIn(id, { applicant, shown }, admission.value); // never rejects
    else this.#refuse(id, admission.error, applicant);
    return true;
  }

  async #letIn(id: string, { applicant, shown }: Knock, admission: Admission): Promise<void> {
    const isByMunge = admission.grant.isByMunge;
    const fault = isByMunge ? await mungeFault(applicant.uid, shown, this.#options.munge) : undefined;
    if (fault !== undefined) {
      this.#refuse(id, fault, applicant);
      return;
    }
    const door = await this.#users.serve(id, admission);
    if (!this.#clients.has(id))
      this.#users.released(id); // it has gone meanwhile
    else if (door !== undefined) this.#network?.send(`go ${id} ${door}`);
    else this.#refuse(id, `no process could be had for ${admission.account.name}`, applicant);
  }

  #refuse(id: string, reason: string, { address, fingerprint, uid }: Applicant): void {
    this.#options.audit.rejected(address, reason, { fingerprint, claims: uid });
    this.#network?.send(`no ${id} ${reason}`);
  }

  #closed(id: string): void {
    this.#clients.delete(id);
    this.#users.released(id);
  }
}
