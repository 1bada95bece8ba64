/** The environment of one make, and so of what it starts. */

import type { ClusterSettings } from "./config.js";
import type { InvocationContext } from "./context.js";
import { clusterEnvironment } from "./places.js";
import type { Switches } from "./switches.js";
import { withoutSubMakeLog } from "./sub-make-log.js";

/** Sub-makes are given the cluster by variables, which the options may have set. @returns `NAME=value` each */
export async function ownEnvironment(
  { environment }: Pick<InvocationContext, "environment">,
  settings: ClusterSettings | undefined,
  switches: Switches,
): Promise<readonly string[]> {
  const own = await clusterEnvironment(settings, switches);
  const names = new Set(own.map(nameOf));
  const given = withoutSubMakeLog(environment);
  return own.length === 0 ? given : [...given.filter((entry) => !names.has(nameOf(entry))), ...own];
}

function nameOf(entry: string): string {
  return entry.slice(0, entry.indexOf("="));
}
