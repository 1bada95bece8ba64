/** Whether somebody sits at a terminal in front of us, and what follows for process groups. */

import { readIfPossible } from "./attempt.js";

/**
 * The process group for recipes. In the foreground of a terminal they stay in ours: only then may they read from it (menus,
 * passwords), and its keys reach them. Elsewhere each line leads a group of its own, which ends as a whole when it is cancelled.
 */
export function recipeGroup(): "own" | "inherit" {
  return hasForeground() ? "inherit" : "own";
}

/** We have a controlling terminal, and its keys are ours. See /proc/PID/stat in proc(5). */
export function hasForeground(): boolean {
  const stat = readIfPossible("/proc/self/stat");
  if (stat === undefined) return true; // no way to tell: what is right at a terminal does no harm elsewhere
  const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return terminal !== "0" && group === foreground;
}
