/** One line of a stock make, from the launcher that brings it to the verdict that the launcher gets. */

import { closeSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { Canceller } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import { UserError } from "../base/user-error.js";
import { toBytes } from "../base/latin1.js";
import type { InputLease } from "../exec/remote.js";
import { PatientWriter } from "../os/patient-writer.js";
import { isRunning } from "../os/process-tree.js";
import {
  type CallerDescriptor,
  hasOneOutput,
  openAnswer,
  openCallerInput,
  openCallerOutput,
  type ShellCaller,
} from "../os/shell-caller.js";
import { errnoOf, strerror } from "../os/strerror.js";
import type { Job, JobEvent } from "../sched/job.js";
import { readVariable } from "./config.js";
import { mexec } from "./mexec.js";
import { RemoteInput } from "./remote-input.js";
import type { ShellClusters } from "./shell-clusters.js";

const LOST_STATUS = 111;
const FAILED_STATUS = 2;
/** What programs mostly end with that could not read or write. */
const INCOMPLETE_STATUS = 1;
const SIGPIPE = 13;
const SIGTERM = 15;

/** What a launcher is told in the end. */
type Verdict = `exit ${number}` | `signal ${number}` | "here" | "alone";

/** Output that could not be written, and why. */
interface LostOutput {
  readonly name: "output" | "error";
  readonly errno: string;
}

/** A line that runs, or waits to. */
export class ShellLine {
  readonly id: number;
  readonly #caller: ShellCaller;
  readonly #answer: number;
  readonly #cancel = new Canceller();
  #isAnswered = false;
  #input: RemoteInput | undefined;
  #inputFd: number | undefined;
  #outputs: { readonly stdout: PatientWriter | undefined; readonly stderr: PatientWriter | undefined } | undefined;
  #whenGone: (() => void) | undefined;
  #lost: LostOutput | undefined;
  /** What it may have wanted to read could not be read. */
  #isCutShort = false;

  private constructor(id: number, caller: ShellCaller, answer: number) {
    this.id = id;
    this.#caller = caller;
    this.#answer = answer;
  }

  /**
   * Tells the launcher that it has been heard.
   *
   * @param requests - the FIFO by which it called
   * @returns undefined when it is gone
   */
  static accept(id: number, caller: ShellCaller, requests: number): ShellLine | undefined {
    const answer = openAnswer(caller.pid, requests);
    if (answer === undefined) return undefined;
    const line = new ShellLine(id, caller, answer);
    if (line.#say("ok")) return line;
    closeSync(answer);
    return undefined;
  }

  /** Has the line run, and tells the launcher how it ended. */
  async run(clusters: ShellClusters): Promise<void> {
    const verdict = await this.#verdict(clusters);
    await this.#idle();
    const judged = this.#judged(verdict);
    await this.#idle();
    this.#conclude(judged);
    this.#outputs?.stdout?.close();
    this.#outputs?.stderr?.close();
    this.#input?.close();
    if (this.#inputFd !== undefined) closeSync(this.#inputFd);
    closeSync(this.#answer);
  }

  /** To be called now and then: ends the line when its launcher has ended. */
  look(): void {
    if (!isRunning(this.#caller)) this.end();
  }

  /** Ends every process of the line. */
  end(): void {
    this.#whenGone?.();
    this.#cancel.abort(SIGTERM);
  }

  /** Leaves it to its launcher to run it. Resolves when that has ended. */
  runHere(): Promise<void> {
    this.#conclude("here");
    return new Promise((resolve) => (this.#whenGone = resolve));
  }

  /** Says something where the line would. */
  tell(text: string): void {
    this.#outputs?.stderr?.write(toBytes(`mpsh: ${text}\n`));
  }

  lease(job: Job, plain: boolean): InputLease | undefined {
    return this.#input?.lease(job, plain);
  }

  async #verdict(clusters: ShellClusters): Promise<Verdict> {
    if (this.#startsMake()) return "here";
    if (!this.#openDescriptors()) return "alone";
    try {
      const status = await this.#run(clusters);
      return status === undefined ? "here" : this.#verdictOf(status);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.tell(error.message);
      if (error.hint !== undefined) this.tell(`hint: ${error.hint}`);
      return `exit ${FAILED_STATUS}`;
    }
  }

  /** A make places its own lines; it is known by the name by which our make was called. */
  #startsMake(): boolean {
    const make = basename(this.#caller.parentProgram);
    if (!make.includes("make")) return false;
    const name = make.replace(/[^\w]/g, "\\$&");
    const word = new RegExp(`(?:^|[^\\w.-])${name}(?![\\w.-])`);
    return this.#caller.words.some((text) => word.test(text));
  }

  #openDescriptors(): boolean {
    const stdin = openCallerInput(this.#caller);
    const stdout = openCallerOutput(this.#caller, 1);
    const stderr = openCallerOutput(this.#caller, 2);
    this.#inputFd = fdOf(stdin);
    this.#outputs = { stdout: this.#writer(stdout, "output"), stderr: this.#writer(stderr, "error") };
    if (this.#inputFd !== undefined)
      this.#input = new RemoteInput(this.#inputFd, {
        kind: "no-terminal",
        onFailed: (errno) => {
          this.#isCutShort = true;
          this.tell(`cannot read standard input: ${strerror(errno)}`);
        },
      });
    return [stdin, stdout, stderr].every(({ kind }) => kind !== "unshareable");
  }

  #writer(descriptor: CallerDescriptor, name: LostOutput["name"]): PatientWriter | undefined {
    const fd = fdOf(descriptor);
    if (fd === undefined) return undefined;
    return new PatientWriter(fd, (errno) => {
      this.#lost ??= { name, errno };
      this.#cancel.abort(SIGPIPE);
    });
  }

  async #idle(): Promise<void> {
    await Promise.all([this.#outputs?.stdout?.idle(), this.#outputs?.stderr?.idle()]);
  }

  #run(clusters: ShellClusters): Promise<ExitStatus | undefined> {
    const { environment, directory, umask, words } = this.#caller;
    const wish = { environment, directory, umask, oneOutput: hasOneOutput(this.#caller) };
    const file = readVariable(environment, "MPSH_SHELL") ?? "/bin/sh";
    return clusters.use(wish, async (cluster) => {
      const result = await mexec({
        id: this.id,
        program: { file, arguments: words, environment, directory },
        cluster,
        on: (event) => this.#take(event),
        observe: () => undefined,
        cancel: this.#cancel,
        nowMs: () => Date.now(),
      });
      return result.status;
    });
  }

  #take(event: JobEvent): void {
    if (event.type === "data") this.#outputs?.[event.stream]?.write(Buffer.from(event.bytes));
  }

  #verdictOf(status: ExitStatus): Verdict {
    switch (status.kind) {
      case "exited":
        return `exit ${status.code}`;
      case "signalled":
        return `signal ${status.signal}`;
      case "unstarted":
        return "here"; // it says why, in its own words
      case "lost":
        this.tell(`node ${status.node} was lost: ${status.reason}`);
        return `exit ${LOST_STATUS}`;
    }
  }

  /** A line that ended well, not knowing that what it wrote is lost or its input cut short, would not have ended well here. */
  #judged(verdict: Verdict): Verdict {
    if (this.#isCutShort && verdict === "exit 0") return `exit ${INCOMPLETE_STATUS}`;
    if (this.#lost === undefined) return verdict;
    const { name, errno } = this.#lost;
    if (errno === "EPIPE") return verdict === "exit 0" ? `signal ${SIGPIPE}` : verdict;
    this.tell(`cannot write to standard ${name}: ${strerror(errno)}`);
    return verdict === "exit 0" || verdict === `signal ${SIGPIPE}` ? `exit ${INCOMPLETE_STATUS}` : verdict;
  }

  #conclude(verdict: Verdict): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#say(verdict);
  }

  /** @returns false when nobody listens any more */
  #say(text: string): boolean {
    try {
      writeSync(this.#answer, `${text}\n`);
      return true;
    } catch (error) {
      if (errnoOf(error) !== "EPIPE") throw error;
      return false;
    }
  }
}

function fdOf(descriptor: CallerDescriptor): number | undefined {
  return descriptor.kind === "open" ? descriptor.fd : undefined;
}
