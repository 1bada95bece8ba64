/** Makes a case that shows a difference small, by leaving out what is not needed for it. */

/** Smaller cases than `current`, the boldest first. */
function* smaller(current) {
  for (const part of ["items", "files", "commands"]) {
    const list = current[part];
    const least = part === "commands" ? 1 : 0;
    for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let at = 0; at + size <= list.length; at += size)
        if (list.length - size >= least) yield { ...current, [part]: list.toSpliced(at, size) };
  }
  for (const part of ["items", "commands"])
    for (const [index, text] of current[part].entries())
      for (const shorter of shorterTexts(text)) yield { ...current, [part]: current[part].with(index, shorter) };
}

/** A text without one of its lines, then without one of its words, then with a call replaced by one of its arguments. */
function* shorterTexts(text) {
  const lines = text.split("\n");
  if (lines.length > 1) for (let i = 0; i < lines.length; i++) yield lines.toSpliced(i, 1).join("\n");
  const tokens = text.split(/(\s+)/);
  if (tokens.length > 1)
    for (let i = 0; i < tokens.length; i += 2) if (tokens[i] !== "") yield tokens.toSpliced(i, 2).join("");
  for (const { from, to, inside } of calls(text)) {
    yield text.slice(0, from) + text.slice(to);
    for (const argument of inside.split(",")) yield text.slice(0, from) + argument + text.slice(to);
  }
}

/** The innermost references of a text. */
function* calls(text) {
  for (const match of text.matchAll(/\$[({]([^(){}$]*)[)}]/g))
    yield { from: match.index, to: match.index + match[0].length, inside: match[1].replace(/^[a-z-]+ /, "") };
}

/**
 * Shrinks until nothing smaller differs, or `budget` tries were made.
 *
 * @param differs - whether a case still shows a difference
 */
export async function shrink(first, differs, budget = 600) {
  let current = first;
  let tries = 0;
  for (let progress = true; progress && tries < budget;) {
    progress = false;
    for (const candidate of smaller(current)) {
      if (++tries > budget) break;
      if (!(await differs(candidate))) continue;
      current = candidate;
      progress = true;
      break;
    }
  }
  return current;
}
