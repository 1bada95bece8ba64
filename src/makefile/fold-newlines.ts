/** A command's output as a value: newlines become blanks, and what stands behind a NUL is lost. */

import { beforeNul } from "./nul.js";

const NEWLINE = 10;

/** For `$(shell)`: all newlines at the end go, the others become blanks. */
export function foldNewlines(output: string): string {
  const text = withoutReturns(beforeNul(output));
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === NEWLINE) end--;
  return text.slice(0, end).replaceAll("\n", " ");
}

/** For `!=`: one newline at the end goes, the others become blanks. */
export function foldInnerNewlines(output: string): string {
  const text = withoutReturns(beforeNul(output));
  return (text.endsWith("\n") ? text.slice(0, -1) : text).replaceAll("\n", " ");
}

function withoutReturns(output: string): string {
  return output.includes("\r\n") ? output.replaceAll("\r\n", "\n") : output;
}
