/** What the cexec tools answer until they are written. */

/** EX_SOFTWARE of sysexits(3). */
export const exitStatus = 70;

/** Says on stderr that a tool is still to come. */
export function tellArrival(tool: string): void {
  process.stderr.write(`${tool}: arrives with the cexec tools\n`);
}
