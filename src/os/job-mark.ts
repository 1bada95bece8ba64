/** The variables in the environment of a job's processes by which they are found when all of them are to end. */

/** Of a job that a worker runs. */
const OF_WORKER = "MPMAKE_JOB";
/** Of one that a make with nodes runs itself: it may be a worker's job at the same time. */
const OF_MAKE = "MPMAKE_OWN_JOB";

/** The mark of a worker's job. @param token - tells it from every other job, on any machine */
export function markOf(token: string): string {
  return `${OF_WORKER}=${token}`;
}

/** The mark of a job that a make runs itself. @param token - as above */
export function ownMarkOf(token: string): string {
  return `${OF_MAKE}=${token}`;
}

/** The environment with a job's mark, and with nobody else's of its kind. */
export function marked(environment: readonly string[], mark: string): readonly string[] {
  const name = mark.slice(0, mark.indexOf("=") + 1);
  return [...environment.filter((entry) => !entry.startsWith(name)), mark];
}
