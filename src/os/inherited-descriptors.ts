/** Descriptors above 2 that our starter left open, by chance or on purpose. */

import { closeSync, existsSync, readdirSync } from "node:fs";
import { flagsOf } from "./open-file.js";
import { O_CLOEXEC } from "./proc.js";
import type { Launched } from "./process-settings.js";

const OWN = "/proc/self/fd";

/** Closes what those that we start would inherit: a daemon gives none to what it runs. Linux only. */
export function closeInheritedDescriptors(): void {
  if (!existsSync(OWN)) return;
  const isInherited = (fd: number): boolean => ((flagsOf(fd) ?? O_CLOEXEC) & O_CLOEXEC) === 0;
  for (const fd of readdirSync(OWN).map(Number)) if (fd > 2 && isInherited(fd)) closeSync(fd);
}

/** Those that our caller gave us, in order, without the jobserver's. @param environment - `NAME=value` each */
export function furtherDescriptors({ further = [] }: Launched, environment: readonly string[]): readonly number[] {
  if (further.length === 0) return [];
  const flags = environment.filter((entry) => /^M(?:AKE)?FLAGS=/.test(entry)).join(" ");
  const words = flags.matchAll(/--jobserver-(?:auth|fds)=(\d+),(\d+)/g);
  const jobserver = new Set([...words].flatMap(([, read, write]) => [Number(read), Number(write)]));
  return further.filter((fd) => !jobserver.has(fd));
}
