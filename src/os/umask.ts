/** The mask of new files' modes that this process was started with. */

/** Read by setting it for a moment, which is the one way that every system has. Call it before anything makes files. */
export function readUmask(): number {
  const mask = process.umask(0o077);
  process.umask(mask);
  return mask;
}
