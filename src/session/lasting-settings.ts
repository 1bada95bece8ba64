/** What of a cluster's settings is the same from one call to the next: by that clusters are found that stand already. */

import type { ClusterSettings } from "./config.js";

/** Without what each session has of its own. */
export function lastingSettings(settings: ClusterSettings): unknown {
  const { session: _, receiptLog: __, launch, ...lasting } = settings;
  const { door: ___, ...how } = launch;
  return { ...lasting, launch: how };
}
