/** Lists as users write them: words with commas or blanks between them. */

/** undefined: there is nothing where a word should be, as in `a,,b`. A text of blanks alone is an empty list. */
export function parseCommaList(text: string): readonly string[] | undefined {
  if (text.trim() === "") return [];
  const parts = text.split(",").map((part) => part.trim());
  return parts.includes("") ? undefined : parts.flatMap((part) => part.split(/\s+/));
}
