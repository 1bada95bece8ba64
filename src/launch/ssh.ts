/** Starts workers through the user's own ssh, with all that its configuration says: users, ports, jump hosts, agents, shared connections. */

import type { CommandEnd, LaunchedCommand, Launcher, LaunchTarget } from "./launcher.js";
import { WORKER_COMMAND } from "./launcher.js";
import { describeEnd, lastWords, startCommand } from "./start-command.js";

export interface SshOptions {
  /** The ssh program: found in the environment's PATH unless absolute. */
  readonly program: string;
  /** Options before ours. */
  readonly words?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly onError?: ((line: string) => void) | undefined;
}

/** Nobody is asked anything, no terminal, nothing forwarded; all else is as the user has it. */
const WORDS = ["-T", "-a", "-x", "-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes"];

export function sshLauncher({ program, words: first = [], ...options }: SshOptions): Launcher {
  const start = ({ host, user, port }: LaunchTarget): LaunchedCommand => {
    const who = user === undefined ? [] : ["-l", user];
    const where = port === undefined ? [] : ["-p", String(port)];
    const words = [program, ...first, ...WORDS, ...who, ...where, "--", host, ...WORKER_COMMAND];
    return startCommand({ ...options, words, judge: judgeSsh });
  };
  return { name: "ssh", start };
}

/** What ssh ends with when it has failed itself. */
const OWN_FAILURE = 255;

/** Of what ssh says, what someone has to put right. */
const REFUSALS: readonly (readonly [said: RegExp, means: string])[] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED/, "its host key is another than ssh knows it by (known_hosts)"],
  [/Host key verification failed/, "ssh does not know its host key: log in there once by hand, or see known_hosts"],
  [/Permission denied/, "it does not let us in"],
  [/Too many authentication failures/, "it does not let us in"],
  [/Bad configuration option|terminating, \d+ bad configuration/, "ssh cannot read its configuration"],
];

/** @public for its test */
export function judgeSsh(status: number | string | undefined, errors: readonly string[]): CommandEnd {
  const last = (lastWords(errors) ?? "").replace(/^ssh: /, "");
  if (status === undefined) return { kind: "refused", reason: `ssh cannot be started (${last})` };
  for (const [said, means] of REFUSALS) {
    const line = errors.findLast((each) => said.test(each));
    if (line !== undefined) return { kind: "refused", reason: `${means} (ssh: ${line.replace(/^[@ ]+|[@ ]+$/g, "")})` };
  }
  if (status === OWN_FAILURE)
    return { kind: "unreachable", reason: `ssh: ${last === "" ? "it failed without a word" : last}` };
  const how = describeEnd(status);
  return { kind: "unreachable", reason: last === "" ? `its ssh ${how}` : `its ssh ${how}: ${last}` };
}
