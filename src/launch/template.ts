/** Starts workers by a command that the user has written: pdsh, kubectl exec, docker exec, oarsh, whatever keeps standard input and output. */

import { quote } from "../os/quote.js";
import type { CommandEnd, LaunchedCommand, Launcher, LaunchTarget } from "./launcher.js";
import { WORKER_COMMAND } from "./launcher.js";
import { describeEnd, lastWords, startCommand } from "./start-command.js";

export interface TemplateOptions {
  /** For a shell; `{host}`, `{user}` and `{port}` stand for the machine's, `{worker}` for what is to be run there. */
  readonly template: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly onError?: ((line: string) => void) | undefined;
}

const PLACES = /(?<!\$)\{(host|user|port|worker)\}/g;

export function templateLauncher({ template, ...options }: TemplateOptions): Launcher {
  const [, name = "its command"] = /^\s*(?:\w+=\S*\s+)*(?:\S*\/)?([\w.+-]+)/.exec(template) ?? [];
  const start = (target: LaunchTarget): LaunchedCommand =>
    startCommand({
      ...options,
      words: ["/bin/sh", "-c", fill(template, target)],
      judge: (...end) => judge(name, ...end),
    });
  return { name, start };
}

/** What the shell runs. @public for its test */
export function fill(template: string, { host, user, port }: LaunchTarget): string {
  return template.replace(PLACES, (_, name: string) => {
    if (name === "host") return word(host);
    if (name === "user") return word(user ?? "");
    if (name === "port") return port === undefined ? "" : String(port);
    return WORKER_COMMAND.join(" ");
  });
}

/** As it is if no shell takes anything in it for something else: it may stand in quotes already. */
function word(text: string): string {
  return /^[\w.:%@-]*$/.test(text) ? text : quote(text);
}

function judge(name: string, status: number | string | undefined, errors: readonly string[]): CommandEnd {
  const last = lastWords(errors);
  const how = describeEnd(status ?? "nobody");
  const reason = last === undefined ? `${name} ${how}` : `${name} ${how}: ${last}`;
  // 126 and 127: the shell has not found it.
  return { kind: status === 127 || status === 126 || status === undefined ? "refused" : "unreachable", reason };
}
