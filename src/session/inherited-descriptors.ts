/** Descriptors above 2 that our caller left open. */

import { furtherDescriptors } from "../os/inherited-descriptors.js";
import type { DescriptorMove } from "../os/spawn.js";
import type { InvocationContext } from "./context.js";

/** As programs on this machine have them: under the same numbers, but for a jobserver's, which makes alone are given. */
export function inheritedDescriptors({
  launched,
  environment,
}: Pick<InvocationContext, "launched" | "environment">): readonly DescriptorMove[] {
  return furtherDescriptors(launched, environment).map((fd) => [fd, fd]);
}
