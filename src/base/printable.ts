/** Text of others that is shown to people. */

/** Without what would command a terminal or begin another line. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "?");
}
