/** Our own arguments and environment, byte for byte, as our caller gave them: what Node makes of them has lost some. */

import { fromUnicode } from "./bytes.js";
import type { Launched } from "./process-settings.js";
import { parseSignalMask } from "./signals.js";
import { attempt } from "./attempt.js";
import { readProcList } from "./proc.js";

/** How this process was called. */
export interface ProcessCall {
  /** As the caller named us, as far as it can be known. */
  readonly argv0: string;
  /** Without argv0. */
  readonly argv: readonly string[];
  /** `NAME=value` each, as recipes are to see it: without what the launcher put there for us. */
  readonly environment: readonly string[];
  /** What Node changed when it started. */
  readonly launched: Launched;
}

/** What the launcher (the shell lines at the head of each tool) hides from Node, or tells us. */
const HIDDEN = "MPMAKE_HIDDEN_";
const ARGV0 = "MPMAKE_ARGV0";
const SIGIGN = "MPMAKE_SIGIGN";
const SIGBLK = "MPMAKE_SIGBLK";
const NOFILE = "MPMAKE_NOFILE";
const CLOSED = "MPMAKE_CLOSED";
const FURTHER = "MPMAKE_FURTHER";
/** Set for Node alone. */
const FOR_NODE = ["MALLOC_ARENA_MAX", "SSL_CERT_FILE"];
const OWN = new Set([ARGV0, SIGIGN, SIGBLK, NOFILE, CLOSED, FURTHER, ...FOR_NODE]);

/** Reads how this process was called. To be asked only by `cli/`. */
export function readProcessCall(): ProcessCall {
  const given = attempt(() => readProcList("self", "environ")) ?? environmentByNode();
  const words = attempt(() => readProcList("self", "cmdline"));
  // Node, its own options and the script come first; how many they are, Node knows.
  const count = process.argv.length - 2;
  const argv = words === undefined ? process.argv.slice(2).map(fromUnicode) : words.slice(words.length - count);
  return {
    argv0: valueOf(given, ARGV0) ?? fromUnicode(process.argv[1] ?? "mpmake"),
    argv,
    environment: restoreEnvironment(given),
    launched: {
      ignoredSignals: parseSignalMask(valueOf(given, SIGIGN)),
      blockedSignals: parseNumber(valueOf(given, SIGBLK)),
      openFiles: parseNumber(valueOf(given, NOFILE)),
      closed: Array.from(valueOf(given, CLOSED) ?? "", Number),
      further: [...(valueOf(given, FURTHER) ?? "").matchAll(/\d+/g)].map(Number).sort((a, b) => a - b),
    },
  };
}

/** undefined for what is no number, such as `unlimited`. */
function parseNumber(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

/** Undoes what the launcher did, if there was one: `MPMAKE_HIDDEN_X=v` becomes `X=v` again, and its own variables go. */
export function restoreEnvironment(entries: readonly string[]): readonly string[] {
  if (valueOf(entries, ARGV0) === undefined) return entries;
  return entries
    .filter((entry) => !OWN.has(nameOf(entry)))
    .map((entry) => (entry.startsWith(HIDDEN) ? entry.slice(HIDDEN.length) : entry));
}

function nameOf(entry: string): string {
  const end = entry.indexOf("=");
  return end < 0 ? entry : entry.slice(0, end);
}

function valueOf(entries: readonly string[], name: string): string | undefined {
  return entries.find((entry) => nameOf(entry) === name)?.slice(name.length + 1);
}

function environmentByNode(): readonly string[] {
  return Object.entries(process.env).map(([name, value]) => fromUnicode(`${name}=${value ?? ""}`));
}
