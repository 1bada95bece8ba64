/** Whether a session starts workers of its own: what that takes is loaded only then. */

import type { ClusterSettings } from "./config.js";

export function startsWorkers({ scheduler, nodes }: ClusterSettings): boolean {
  return scheduler !== undefined || nodes.some(({ kind }) => kind === "launched");
}
