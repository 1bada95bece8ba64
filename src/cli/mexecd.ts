/** The tool `mexecd`: a worker, which runs the recipes of clients that hold the other half of its key. */

import { WORKER_WORDS } from "../launch/launcher.js";
import { runLaunched } from "./mexecd-launched.js";

/** A build waits for a worker that it starts, which needs neither options nor help. */
async function main(words: readonly string[]): Promise<number> {
  if (words[0] === WORKER_WORDS.launched) return runLaunched();
  if (words[0] === WORKER_WORDS.standing) {
    const { runStanding } = await import("./mexecd-standing.js");
    return runStanding(words.slice(1));
  }
  const { runMexecd } = await import("./mexecd-main.js");
  return runMexecd(words);
}

// A failure that nobody foresaw ends the program with its trace.
void main(process.argv.slice(2)).then((status) => (process.exitCode = status));
