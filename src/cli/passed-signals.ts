/** What a tool whose program runs elsewhere does with the signals that it gets itself. */

import { constants } from "node:os";
import { Canceller } from "../base/abort.js";
import { SignalRelay } from "../base/signals.js";
import { stopSoon } from "../os/signals.js";
import type { OwnDescriptors } from "../session/stand-in.js";

const { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCONT, SIGTSTP, SIGWINCH } = constants.signals;
const ENDING: ReadonlySet<number> = new Set([SIGHUP, SIGINT, SIGQUIT, SIGTERM]);

/** Signals that we get are the program's: it ends by them, stops, goes on, or does with them what it likes. */
export class PassedSignals {
  readonly cancel = new Canceller();
  readonly relay = new SignalRelay();
  #standIn: OwnDescriptors | undefined;

  arrived(signal: number): void {
    // Before the program runs they are ours.
    if (!this.relay.isHeard && ENDING.has(signal)) this.cancel.abort(signal);
    else if (signal === SIGTSTP) this.#stop();
    else if (signal !== SIGWINCH || this.#standIn?.terminal === undefined) this.#pass(signal);
  }

  /** The program uses our terminal. */
  readonly useTerminalOf = (standIn: OwnDescriptors): void => {
    this.#standIn = standIn;
  };

  #pass(signal: number): void {
    if (signal === SIGCONT) this.#standIn?.takeTerminal();
    this.relay.send(signal);
  }

  /** Stops the program, and then ourselves, as soon as its node has been told. */
  #stop(): void {
    this.relay.send(SIGTSTP);
    this.#standIn?.giveTerminalBack();
    stopSoon();
  }
}
