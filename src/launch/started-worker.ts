/** A worker that is being started or stands, as its build sees it: the script's word, the order, and connections for the asking. */

import { randomBytes } from "node:crypto";
import type { Duplex, Readable } from "node:stream";
import { fromBytes, toBytes } from "../base/latin1.js";
import { fail, ok, type Result } from "../base/result.js";
import { Timers } from "../os/timers.js";
import { LaunchLine, type LineMessage } from "../net/launch-line.js";
import { REQUEST_ID_BYTES } from "../wire/datagram.js";
import { formatKeyFile, type WorkerKeyFile } from "../wire/key-file.js";
import { BEAT_EVERY_MS, LINE_SILENCE_MS } from "../wire/launch-talk.js";
import type { LaunchedCommand } from "./launcher.js";
import type { MeetingPoint } from "./meeting-point.js";
import type { WorkerFile } from "./worker-file.js";
import { SCRIPT_MARK, SCRIPT_SAYS } from "./worker-script.js";

/** Why a node has no worker of ours, or none any more. */
export interface LaunchFailure {
  /** `unreachable`: it may be better later; `refused`: not before someone has put something right. */
  readonly kind: "unreachable" | "refused";
  /** A phrase that fits behind the node's name and a colon. */
  readonly reason: string;
}

/** What a worker is told. */
export interface WorkerOrder {
  readonly key: WorkerKeyFile;
  /** Jobs to offer at once; undefined: as many as it has processors. */
  readonly slots: number | undefined;
  readonly isDebug: boolean;
}

export interface StartedWorkerOptions {
  readonly command: LaunchedCommand;
  /** What the command's shell reads first. */
  readonly script: string;
  readonly file: WorkerFile;
  readonly order: Promise<WorkerOrder>;
  /** Where it calls us. */
  readonly meeting: MeetingPoint;
  /** It does not even try to call us. */
  readonly isTunnelled: boolean;
  /** It cannot call us, and is reached through what started it: with why. Called once. */
  readonly onTunnel: (reason: string) => void;
  /** It has this long to become ready. */
  readonly withinMs: number;
}

/** A call that has not come so long after the worker has heard that it is to call is not waited for: something drops it on the way. */
const CALL_WITHIN_MS = 1500;
/** A worker that stands but does not answer so long is as good as none. */
const UP_WITHIN_MS = 10_000;
/** It has this long to end by itself, once its input has ended. */
const END_WITHIN_MS = 4000;
const MAX_LINE_BYTES = 65_536;

/**
 * The life of a worker:
 *
 *     script ── "send" ─→ the file goes out ── "ready" ─┐
 *        │ ── "ready" ──────────────────────────────────┴→ standing: the order goes out, connections are asked for
 *        │ ── "cannot", its command's end, no word in time ──→ gone      │ ── fault, the line's end, no beat ──→ gone
 */
export class StartedWorker {
  /** Resolves when there is no worker any more, with why. */
  readonly gone: Promise<LaunchFailure>;
  /** Resolves when it stands, or will not. */
  readonly started: Promise<void>;
  readonly #options: StartedWorkerOptions;
  readonly #standing: Promise<LaunchLine>;
  readonly #up: Promise<void>;
  readonly #failed = new Map<number, (reason: string) => void>();
  #onWord: (() => void)[] = [];
  #isUp: () => void = () => undefined;
  #stand: (line: LaunchLine) => void = () => undefined;
  #go: (failure: LaunchFailure) => void = () => undefined;
  #line: LaunchLine | undefined;
  readonly #timers = new Timers();
  #beats: NodeJS.Timeout | undefined;
  #lastChannel = 0;
  #silentBeats = 0;
  #isTunnelled: boolean;
  #isGone = false;

  constructor(options: StartedWorkerOptions) {
    this.#options = options;
    this.#isTunnelled = options.isTunnelled;
    this.#standing = new Promise((resolve) => (this.#stand = resolve));
    this.#up = new Promise((resolve) => (this.#isUp = resolve));
    this.gone = new Promise((resolve) => (this.#go = resolve));
    this.started = Promise.race([this.#standing, this.gone]).then(() => undefined);
    const { command, script, withinMs } = options;
    command.toWorker.write(toBytes(script));
    this.#read(command.fromWorker);
    this.#timers.after(withinMs, () => {
      if (this.#line === undefined)
        this.#lose({ kind: "unreachable", reason: `no worker within ${String(withinMs / 1000)} s` });
    });
    void command.ended.then(({ kind, reason }) =>
      this.#lose({ kind: this.#line === undefined ? kind : "unreachable", reason }),
    );
  }

  /** Another connection to it. */
  async connect(): Promise<Result<Duplex, LaunchFailure>> {
    const line = await Promise.race([this.#standing, this.gone]);
    if (!(line instanceof LaunchLine)) return fail(line);
    const stream = this.#isTunnelled ? ok(this.#open(line)) : await this.#call(line);
    return this.#isGone ? fail(await this.gone) : stream;
  }

  /** We are about to be stopped, and shall not beat for a while. */
  rest(): void {
    this.#line?.say({ type: "rest" });
  }

  /** Ends it. Resolves when its command is gone, which takes a moment, and no longer than four seconds. */
  async close(): Promise<void> {
    this.#lose({ kind: "unreachable", reason: "it is not needed any more" });
    await this.#options.command.ended;
  }

  /** It calls us, or it turns out that it cannot. */
  async #call(line: LaunchLine): Promise<Result<Duplex, LaunchFailure>> {
    const { meeting, onTunnel } = this.#options;
    const id = randomBytes(REQUEST_ID_BYTES);
    const channel = ++this.#lastChannel;
    const expected = meeting.expect(fromBytes(id));
    const failed = new Promise<string>((resolve) => this.#failed.set(channel, resolve));
    line.say({ type: "call", channel, port: meeting.port, id: id.toString("hex"), addresses: meeting.addresses });
    line.say({ type: "beat" }); // which it answers when it has heard that
    const answer = await Promise.race([expected.arrived, failed, this.#unanswered(this.#word()), this.gone]);
    this.#failed.delete(channel);
    expected.forget();
    if (typeof answer === "string") {
      if (!this.#isTunnelled) onTunnel(answer);
      this.#isTunnelled = true;
      return ok(this.#open(line));
    }
    return "kind" in answer ? fail(answer) : ok(answer);
  }

  /** Resolves when a call does not come any more. @param word - what it has said since it was asked to call */
  async #unanswered(word: Promise<void>): Promise<string | LaunchFailure> {
    const callOff = this.#timers.after(UP_WITHIN_MS, () =>
      this.#lose({ kind: "unreachable", reason: "its worker does not answer" }),
    );
    await Promise.race([this.#up, this.gone]);
    callOff();
    // A machine that is out of reach now, or stands still, does not call, and could.
    await Promise.race([word, this.gone]);
    if (!this.#isGone) await new Promise<void>((resolve) => this.#timers.after(CALL_WITHIN_MS, resolve));
    return `no call within ${String(CALL_WITHIN_MS / 1000)} s`;
  }

  /** Resolves when it next says something. */
  #word(): Promise<void> {
    return new Promise((resolve) => this.#onWord.push(resolve));
  }

  #open(line: LaunchLine): Duplex {
    const channel = ++this.#lastChannel;
    const stream = line.channel(channel);
    line.say({ type: "open", channel });
    return stream;
  }

  /** The script's words, until the worker itself speaks. */
  #read(output: Readable): void {
    let held = Buffer.alloc(0);
    const hear = (bytes: Buffer): void => {
      held = Buffer.concat([held, bytes]);
      for (let end = held.indexOf("\n"); end >= 0; end = held.indexOf("\n")) {
        const line = held.toString("latin1", 0, end);
        held = held.subarray(end + 1);
        if (!line.startsWith(SCRIPT_MARK)) continue; // a greeting of the machine's
        const said = line.slice(SCRIPT_MARK.length);
        if (said === SCRIPT_SAYS.ready) {
          output.off("data", hear).pause();
          if (held.length > 0) output.unshift(held);
          this.#ready(output);
          return;
        }
        this.#scriptSaid(said);
      }
      if (held.length > MAX_LINE_BYTES)
        this.#lose({ kind: "refused", reason: "what is started there says something else" });
    };
    output.on("data", hear);
    output.on("error", () => undefined); // the command's end says it
  }

  #scriptSaid(said: string): void {
    const { command, file } = this.#options;
    if (said === SCRIPT_SAYS.send) command.toWorker.write(file.bytes);
    else if (said.startsWith(SCRIPT_SAYS.cannot))
      this.#lose({ kind: "refused", reason: said.slice(SCRIPT_SAYS.cannot.length) });
  }

  /** The worker starts, and reads what comes now. */
  #ready(output: Readable): void {
    if (this.#isGone) return;
    const { command, order } = this.#options;
    const line = new LaunchLine(output, command.toWorker, {
      side: "build",
      onMessage: (message) => this.#heard(message),
      onEnd: (reason) => this.#lineEnded(reason),
    });
    this.#line = line;
    output.resume();
    void order.then(({ key, slots, isDebug }) => {
      line.say({ type: "key", bytes: toBytes(formatKeyFile(key)) });
      if (slots !== undefined) line.say({ type: "slots", count: slots });
      if (isDebug) line.say({ type: "debug" });
      line.say({ type: "begin" });
      this.#stand(line);
    });
    this.#beats = setInterval(() => this.#beat(line), BEAT_EVERY_MS);
  }

  #beat(line: LaunchLine): void {
    this.#silentBeats++;
    if (this.#silentBeats * BEAT_EVERY_MS > LINE_SILENCE_MS)
      this.#lose({ kind: "unreachable", reason: `no sign of life for ${String(LINE_SILENCE_MS / 1000)} s` });
    else line.say({ type: "beat" });
  }

  #heard(message: LineMessage): void {
    this.#silentBeats = 0;
    for (const go of this.#onWord.splice(0)) go();
    switch (message.type) {
      case "up":
        this.#isUp();
        return;
      case "failed":
        this.#failed.get(message.channel)?.(message.text);
        return;
      case "fault":
        this.#lose({ kind: "refused", reason: message.text });
        return;
      // A beat has shown already that it is there; the others are not for builds, and the table keeps them out.
      default:
        return;
    }
  }

  /** The command ends at once, and says why; one that does not has left us. */
  #lineEnded(reason: string): void {
    if (!this.#isGone) this.#timers.after(END_WITHIN_MS, () => this.#lose({ kind: "unreachable", reason }));
  }

  #lose(failure: LaunchFailure): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#timers.clear();
    clearInterval(this.#beats);
    const { command } = this.#options;
    command.toWorker.end();
    const timer = setTimeout(() => command.kill(), END_WITHIN_MS);
    void command.ended.then(() => clearTimeout(timer)); // never rejects
    this.#go(failure);
  }
}
