/** A makefile's text with its statements, each read once however often it is evaluated. */

import { HASH } from "./chars.js";
import type { LineCursor } from "./lines.js";
import { BLANK, parseStatement } from "./parse-statement.js";
import type { Statement } from "./statement.js";

const NEWLINE = 10;

export class Source {
  readonly text: string;
  /** How many times its reading has begun. The first time nothing is kept: most files are read once. */
  readings = 0;
  /** By the places where their lines begin. */
  readonly #statements = new Map<number, Statement>();
  readonly #posixStatements = new Map<number, Statement>();

  constructor(text: string) {
    this.text = text;
  }

  /** What a line says, taken as no recipe line. */
  statement(line: LineCursor, posix: boolean): Statement {
    const first = this.text.charCodeAt(line.start);
    if (first === NEWLINE || first === HASH) return BLANK;
    if (this.readings < 2) return parseStatement(line.current, posix);
    const statements = posix ? this.#posixStatements : this.#statements;
    let known = statements.get(line.start);
    if (known === undefined) {
      known = parseStatement(line.current, posix);
      statements.set(line.start, known);
    }
    return known;
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
