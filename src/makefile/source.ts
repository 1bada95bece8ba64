/** A makefile's text with its statements, each read once however often it is evaluated. */

import { findLogicalLines, type LogicalLines } from "./lines.js";
import { parseStatement } from "./parse-statement.js";
import type { Statement } from "./statement.js";

export class Source {
  readonly text: string;
  readonly lines: LogicalLines;
  /** How many times its reading has begun. The first time nothing is kept: most files are read once. */
  readings = 0;
  readonly #statements: (Statement | undefined)[] = [];
  readonly #posixStatements: (Statement | undefined)[] = [];

  constructor(text: string) {
    this.text = text;
    this.lines = findLogicalLines(text);
  }

  get lineCount(): number {
    return this.lines.starts.length;
  }

  /** The logical line as written, without its newline. */
  line(index: number): string {
    return this.text.slice(this.lines.starts[index], this.lines.ends[index]);
  }

  /** The first character of a line; NaN when it has none. */
  firstCharacter(index: number): number {
    const start = this.lines.starts[index] ?? 0;
    return start < (this.lines.ends[index] ?? 0) ? this.text.charCodeAt(start) : NaN;
  }

  /** What the line says, taken as no recipe line. */
  statement(index: number, posix: boolean): Statement {
    if (this.readings < 2) return parseStatement(this.line(index), posix);
    const known = posix ? this.#posixStatements : this.#statements;
    return (known[index] ??= parseStatement(this.line(index), posix));
  }
}

const CACHE_LIMIT = 1024;
const sources = new Map<string, Source>();

/** The source of a file's content; the same content is read once for all invocations in this process. */
export function sourceOfFile(content: string): Source {
  const known = sources.get(content);
  if (known !== undefined) return known;
  if (sources.size >= CACHE_LIMIT) sources.clear();
  const source = new Source(normalize(content));
  sources.set(content, source);
  return source;
}

const UTF8_MARK = "\u00ef\u00bb\u00bf";

function normalize(content: string): string {
  const text = content.startsWith(UTF8_MARK) ? content.slice(UTF8_MARK.length) : content;
  return text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
}
