/** Where launchers find the session: makes that a recipe's shell has started, and that can be a part of this process. */

import { closeSync, mkdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { HostError } from "../makefile/host.js";
import { attempt } from "../os/attempt.js";
import { toPath } from "../os/bytes.js";
import { FifoLines } from "../os/fifo-lines.js";
import { type LauncherClaim, openLauncherAnswer, parseLauncherClaim } from "../os/launcher.js";
import { LAUNCHER_SCRIPT } from "../os/launcher-script.js";
import { nativeLibrary } from "../os/native.js";
import { makeFifo } from "../os/pipes.js";
import { errnoOf } from "../os/strerror.js";
import { temporaryName } from "../os/temporary.js";
import { joinMake, type Welcome } from "./joined-make.js";
import { ShellGuardian } from "./shell-guardian.js";

/** One of the session's makes, whose recipes' makes may join. */
export interface JoinHost {
  /** How the make is taken in; undefined: it has to start by itself. */
  welcome(claim: LauncherClaim): Welcome | undefined;
}

/** Where the launchers of one make ask. */
export interface Door {
  readonly address: string;
  readonly close: () => void;
}

/** The session's one FIFO, in a directory of its own that nobody else may enter. */
export class JoinPoint {
  readonly #directory: string;
  readonly #requests: FifoLines;
  readonly #guardian: ShellGuardian;
  readonly #hosts = new Map<number, JoinHost>();
  #lastNumber = 0;

  private constructor(directory: string) {
    this.#directory = directory;
    const requests = `${directory}/in`;
    this.#requests = new FifoLines(requests, (line) => {
      const claim = parseLauncherClaim(line);
      if (claim !== undefined) this.#take(claim);
    }).unref();
    this.#guardian = new ShellGuardian(requests, this.#directory);
  }

  /** @returns undefined where there is no room for it, or makes could not be taken in: then each is a process */
  static open(temporaryDirectory: string): JoinPoint | undefined {
    if (nativeLibrary() === undefined) return undefined;
    const directory = temporaryName(temporaryDirectory, "mpmake-join-");
    try {
      mkdirSync(toPath(directory), { mode: 0o700 });
      writeFileSync(toPath(`${directory}/launch`), LAUNCHER_SCRIPT, { mode: 0o600 });
      makeFifo(`${directory}/in`);
      return new JoinPoint(directory);
    } catch (error) {
      rmSync(toPath(directory), { recursive: true, force: true });
      if (!(error instanceof HostError) && errnoOf(error) === undefined) throw error;
      return undefined;
    }
  }

  /** @returns what tells the make's recipes where to ask: the value of MPMAKE_JOIN */
  open(host: JoinHost): Door {
    const number = ++this.#lastNumber;
    this.#hosts.set(number, host);
    const address = [number, process.pid, this.#requests.fd, this.#directory].join(":");
    return { address, close: () => void this.#hosts.delete(number) };
  }

  /** To be called when no make is left. Launchers that come too late start by themselves. */
  close(): void {
    rmSync(toPath(this.#directory), { recursive: true, force: true });
    this.#hosts.clear();
    this.#requests.drain();
    this.#guardian.dismiss();
    this.#requests.close();
  }

  #take(claim: LauncherClaim): void {
    const answer = openLauncherAnswer(claim, this.#requests.fd);
    if (answer === undefined) return;
    const welcome = this.#hosts.get(claim.make)?.welcome(claim);
    if (welcome !== undefined && joinMake({ ...welcome, claim, answer })) return;
    attempt(() => writeSync(answer, "alone\n"));
    closeSync(answer);
  }
}
