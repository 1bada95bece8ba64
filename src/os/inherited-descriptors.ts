/** Descriptors that our starter left open by chance; a daemon gives none of them to what it runs. */

import { closeSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { errnoOf } from "./strerror.js";

const O_CLOEXEC = 0o2000000;

/** Closes all but the three standard ones and those that we opened ourselves, which are closed on exec. Linux only. */
export function closeInheritedDescriptors(): void {
  if (!existsSync("/proc/self/fdinfo")) return;
  for (const name of readdirSync("/proc/self/fdinfo")) {
    if (Number(name) > 2 && isInherited(name)) closeSync(Number(name));
  }
}

function isInherited(name: string): boolean {
  try {
    const [, flags = ""] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, "latin1")) ?? [];
    return flags !== "" && (parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    return false; // the one by which the list was read
  }
}
