/** Descriptors above 2 that our caller left open. */

import type { DescriptorMove } from "../os/spawn.js";
import { environmentValue, type InvocationContext } from "./context.js";

/** As programs on this machine have them: under the same numbers, but for a jobserver's, which makes alone are given. */
export function inheritedDescriptors({
  launched,
  environment,
}: Pick<InvocationContext, "launched" | "environment">): readonly DescriptorMove[] {
  const makeflags = environmentValue(environment, "MAKEFLAGS") ?? "";
  const named = makeflags.matchAll(/--jobserver-auth=(\d+),(\d+)/g);
  const jobservers = new Set([...named].flatMap(([, read, write]) => [Number(read), Number(write)]));
  return (launched.further ?? []).filter((fd) => !jobservers.has(fd)).map((fd) => [fd, fd]);
}
