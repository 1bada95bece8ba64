/** A word as the shell reads it back, whatever bytes it has. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
