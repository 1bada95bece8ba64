/** What becomes of NULs, which no value can hold, in what is read from outside. */

/** The text as far as its first NUL. */
export function beforeNul(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/**
 * A makefile's text without NULs, as GNU make reads it: a NUL within a line takes the rest of the line and its newline with it;
 * one at the front leaves an empty line, whose number `ignored` hears.
 */
export function dropNuls(text: string, ignored: (line: number) => void): string {
  if (!text.includes("\0")) return text;
  let out = "";
  let line = 1;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline + 1;
    const physical = text.slice(start, end);
    const kept = beforeNul(physical);
    out += kept;
    if (kept === "") {
      ignored(line);
      out += "\n";
    }
    if (kept === "" || kept === physical) line++;
    start = end;
  }
  return out;
}
