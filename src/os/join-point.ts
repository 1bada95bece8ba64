/** Where launchers find who may take their makes in: a session, for those of its recipes, or a worker, for those of its jobs. */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { toPath } from "./bytes.js";
import { FifoLines } from "./fifo-lines.js";
import { type LauncherClaim, openLauncherAnswer, parseLauncherClaim } from "./launcher.js";
import { dismissLauncher } from "./launcher-line.js";
import { LAUNCHER_SCRIPT } from "./launcher-script.js";
import { nativeLibrary } from "./native.js";
import { makeFifo } from "./pipes.js";
import { refusalOf } from "./strerror.js";
import { temporaryName } from "./temporary.js";
import { ShellGuardian } from "./shell-guardian.js";

/** Whose makes may join: a make, or a worker's job. */
export interface JoinHost {
  /**
   * Takes a launcher's make in, or sees to it that it can be.
   *
   * @param answer - where the launcher is answered, now or later, and closed then
   * @returns false: it is not answered yet, and has to start by itself
   */
  take(claim: LauncherClaim, answer: number): boolean;
}

/** Where the launchers of one host ask. */
export interface Door {
  readonly address: string;
  readonly close: () => void;
}

/** This process's one FIFO, in a directory of its own that nobody else may enter. */
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
      if (refusalOf(error) === undefined) throw error;
      return undefined;
    }
  }

  /** @returns what tells programs where to ask: the value of MPMAKE_JOIN */
  open(host: JoinHost): Door {
    const number = ++this.#lastNumber;
    this.#hosts.set(number, host);
    const address = [number, process.pid, this.#requests.fd, this.#directory].join(":");
    return { address, close: () => void this.#hosts.delete(number) };
  }

  /** To be called when no host is left. Launchers that come too late start by themselves. */
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
    if (this.#hosts.get(claim.make)?.take(claim, answer) !== true) dismissLauncher(answer);
  }
}
