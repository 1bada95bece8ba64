/** Descriptors that a caller names one by one: one that its program cannot have is his mistake, and not passed over. */

import { UserError } from "../base/user-error.js";
import { whyNone, whyOnlyHere } from "../os/descriptors.js";
import { MAX_DESCRIPTOR } from "../wire/limits.js";

/** @param elsewhere - the program may run on a node. @throws UserError that says which one, and why */
export function checkDescriptors(numbers: readonly number[], elsewhere: boolean): void {
  for (const fd of numbers) {
    const why = whyUnfit(fd) ?? (elsewhere ? whyOnlyHere(fd) : whyNone(fd));
    if (why !== undefined) throw new UserError(`descriptor ${String(fd)} cannot go along: ${why}`);
  }
}

function whyUnfit(fd: number): string | undefined {
  if (Number.isInteger(fd) && fd > 2 && fd <= MAX_DESCRIPTOR) return undefined;
  return `its number is none from 3 to ${String(MAX_DESCRIPTOR)}`;
}
