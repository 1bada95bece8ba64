/** What a line of a build's output says to those who lay it out: words of make's, or a compiler's diagnostic. Pure text. */

export type LogLine =
  /** `make[1]: Entering directory 'DIR'` */
  | { readonly kind: "entering"; readonly directory: string }
  | { readonly kind: "leaving" }
  /** `make[1]: *** [FILE:LINE: TARGET] Error 1` */
  | {
      readonly kind: "failed";
      /** Of the make that says it: 0 is the first one. */
      readonly level: number;
      /** undefined: a built-in rule's recipe. */
      readonly place: LogPlace | undefined;
      readonly target: string;
      /** `Error 1`, `Terminated`. */
      readonly why: string;
    }
  /** `FILE:LINE: *** TEXT.  Stop.` or `make: *** TEXT.  Stop.` */
  | {
      readonly kind: "stopped";
      /** undefined: it is told of a place in a makefile, without the make's name. */
      readonly level: number | undefined;
      readonly place: LogPlace | undefined;
      readonly text: string;
    }
  /** `FILE:LINE:COLUMN: error: TEXT`, as compilers have it. */
  | {
      readonly kind: "diagnostic";
      readonly severity: "error" | "warning";
      readonly place: LogPlace;
      readonly text: string;
    };

/** Files are named as the line has them. */
export interface LogPlace {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

const DIRECTORY = /^\S+?(?:\[\d+\])?: (Entering|Leaving) directory [`'](.*)'$/;
const FAILED = /^[^\s[]+(?:\[(\d+)\])?: \*\*\* \[(?:(.+?):(\d+): |<builtin>: )?(.*)\] (.+)$/;
/** What GNU make says of files there is no failure. */
const IS_NO_END = /^(?:Deleting|Archive member)\b/;
const STOPPED = /^(?:[^\s[:]+(?:\[(\d+)\])?|(.+?):(\d+)): \*\*\* (?:(.*)\. {2}Stop\.|(No rule to make target .*))$/;
const DIAGNOSTIC = /^([^\s:][^:]*):(\d+):(?:(\d+):)? (?:fatal )?(error|warning): (.*)$/;
/** Neither make nor a compiler says more in a line; what programs print has no end, and an expression takes its square. */
const MAX_CHARS = 4000;
/** What colours a line on a terminal. */
const ESCAPES = /\x1b\[[0-9;:]*[A-Za-z]/g;

/** @param line - without its newline; @returns undefined when it is one like any other */
export function readLogLine(line: string): LogLine | undefined {
  if (line.length > MAX_CHARS) return undefined;
  // Nearly all lines are told apart by this.
  if (line.includes(": *** ")) return readComplaint(line);
  if (line.includes(" directory ")) return readDirectory(line);
  return line.includes("error: ") || line.includes("warning: ") ? readDiagnostic(line) : undefined;
}

/** Make enters a directory, or leaves it. */
export function isDirectoryLine(line: string): boolean {
  return DIRECTORY.test(line);
}

/** The line without what colours it. */
export function plainText(line: string): string {
  return line.replace(ESCAPES, "");
}

function readDirectory(line: string): LogLine | undefined {
  const [, verb, directory] = DIRECTORY.exec(line) ?? [];
  if (verb === undefined || directory === undefined) return undefined;
  return verb === "Entering" ? { kind: "entering", directory } : { kind: "leaving" };
}

function readComplaint(line: string): LogLine | undefined {
  const [, level, file, number, target, why] = FAILED.exec(line) ?? [];
  if (target !== undefined && why !== undefined) {
    if (IS_NO_END.test(why)) return undefined;
    return { kind: "failed", level: Number(level ?? 0), place: placeOf(file, number), target, why };
  }
  const [, ofLevel, inFile, atLine, stopping, noRule] = STOPPED.exec(line) ?? [];
  const text = stopping ?? noRule;
  if (text === undefined) return undefined;
  const place = placeOf(inFile, atLine);
  return { kind: "stopped", level: place === undefined ? Number(ofLevel ?? 0) : undefined, place, text };
}

function readDiagnostic(line: string): LogLine | undefined {
  const [, file, number, column, severity, text] = DIAGNOSTIC.exec(plainText(line)) ?? [];
  const place = placeOf(file, number);
  if (place === undefined || text === undefined) return undefined;
  return {
    kind: "diagnostic",
    severity: severity === "error" ? "error" : "warning",
    place: { ...place, ...(column !== undefined && { column: Number(column) }) },
    text,
  };
}

function placeOf(file: string | undefined, line: string | undefined): LogPlace | undefined {
  return file === undefined || line === undefined ? undefined : { file, line: Number(line) };
}
