/** Whether one directory is below another, by their names, and what it is called there. */

/** Both absolute, without `.` and `..`; a directory is below itself. */
export function isBelow(directory: string, above: string): boolean {
  return `${directory}/`.startsWith(`${above}/`.replace("//", "/"));
}

/** A directory's name from another one above it; empty: it is that one. Absolute as it is where it is not below. */
export function nameBelow(directory: string, above: string): string {
  return isBelow(directory, above) ? directory.slice(above.length).replace(/^\//, "") : directory;
}
