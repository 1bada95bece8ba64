/** Which descriptors a program elsewhere has, as the tools are asked for it, and how they name them. */

import { fail, ok, type Result } from "../base/result.js";
import { MAX_DESCRIPTOR } from "../wire/limits.js";

/** The largest number of a descriptor that is to be the program's: 2, its standard ones alone, or more. */
export function parseMaxFd(text: string): Result<number, string> {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : -1;
  if (number >= 2 && number <= MAX_DESCRIPTOR) return ok(number);
  return fail(`--maxfd takes a number from 2 to ${MAX_DESCRIPTOR}, not '${text}'`);
}

export function descriptorName(fd: number): string {
  return ["standard input", "standard output", "standard error"][fd] ?? `descriptor ${fd}`;
}
