/** The text of a `define`: the lines up to its `endef`. */

import { endOfWord, skipBlanks, trimSpaceAtEnd } from "./chars.js";
import { joinContinuations, removeComment, type LineCursor } from "./lines.js";

export interface DefineBodyOptions {
  readonly recipePrefix: string;
  readonly posix: boolean;
  /** Takes what is wrong with a line, whose number is given. */
  warn(line: number, text: string): void;
}

/** Reads from behind the cursor's line up to the `endef`, and leaves the cursor there; undefined when there is none. */
export function readDefineBody(line: LineCursor, options: DefineBodyOptions): string | undefined {
  const { text } = line;
  let body = "";
  let from = line.end + 1;
  for (let depth = 1; line.next();) {
    depth += depthChange(line, options);
    if (depth === 0) return (body + text.slice(from, line.start)).slice(0, -1);
    if (!line.isJoined) continue;
    body += `${text.slice(from, line.start)}${joinContinuations(line.current, options.posix)}\n`;
    from = line.end + 1;
  }
  return undefined;
}

/** How a line changes the depth of `define`s within each other. */
function depthChange(line: LineCursor, options: DefineBodyOptions): number {
  if (line.isJoined) return depthChangeOf(joinContinuations(line.current, options.posix), line.number, options);
  const start = skipBlanks(line.text, line.start);
  const mayChange = line.text.startsWith("define", start) || line.text.startsWith("endef", start);
  return mayChange ? depthChangeOf(line.current, line.number, options) : 0;
}

function depthChangeOf(line: string, number: number, options: DefineBodyOptions): number {
  if (line.startsWith(options.recipePrefix)) return 0;
  const start = skipBlanks(line, 0);
  const end = endOfWord(line, start);
  const word = line.slice(start, end);
  if (word === "define") return 1;
  if (word !== "endef") return 0;
  if (trimSpaceAtEnd(removeComment(line.slice(end))) !== "") {
    options.warn(number, "extraneous text after 'endef' directive");
  }
  return -1;
}
