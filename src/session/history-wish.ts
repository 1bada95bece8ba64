/** Whether a session keeps a history of its jobs, and where. */

import type { ClusterSettings } from "./config.js";
import type { HistoryWish } from "./history-file.js";
import { hasHistoryFolder } from "./history-folder.js";
import type { Switches } from "./switches.js";

export interface HistoryQuestion {
  readonly switches: Switches;
  readonly settings: ClusterSettings | undefined;
  /** Absolute. */
  readonly directory: string;
}

/**
 * Who asks for it has one; others leave nothing in a tree that GNU make would not. Where recipes go to several machines, a folder that
 * somebody has asked for once asks for it from then on, as the order matters most there: the session's first make keeps it.
 */
export function historyWish({ switches, settings, directory }: HistoryQuestion): HistoryWish | undefined {
  if (switches.has("noHistory")) return undefined;
  if ((["justPrint", "question", "touch"] as const).some((mode) => switches.has(mode))) return undefined;
  const asked = switches.value("history");
  if (asked !== undefined) return { directory, path: asked, isAskedFor: true };
  if (settings === undefined || settings.isSubMake || settings.history === false) return undefined;
  if (settings.history !== undefined) return { directory, path: settings.history, isAskedFor: true };
  return hasHistoryFolder(directory) ? { directory, path: "", isAskedFor: false } : undefined;
}
