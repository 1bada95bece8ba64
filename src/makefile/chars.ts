/** Characters as the language tells them apart: blanks, white space, the signs of references. */

const NEWLINE = 10;
const SPACE = 32;
export const HASH = 35;
export const DOLLAR = 36;
export const PERCENT = 37;
export const OPEN_PAREN = 40;
export const CLOSE_PAREN = 41;
export const COMMA = 44;
export const DOT = 46;
export const SLASH = 47;
export const COLON = 58;
export const EQUALS = 61;
export const BACKSLASH = 92;
export const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;

/** White space as words are parted by it: blank, tab, newline, vertical tab, form feed, carriage return. */
export function isSpace(code: number): boolean {
  return code === SPACE || (code >= 9 && code <= 13);
}

/** White space within a line: all of it but the newline. */
export function isBlank(code: number): boolean {
  return code === SPACE || (code !== NEWLINE && code >= 9 && code <= 13);
}

/** The first place at or behind `from` that is no white space; the length of `text` when there is none. */
export function skipSpace(text: string, from: number): number {
  let i = from;
  while (i < text.length && isSpace(text.charCodeAt(i))) i++;
  return i;
}

/** The first place at or behind `from` that is no blank. */
export function skipBlanks(text: string, from: number): number {
  let i = from;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code > SPACE || (code !== SPACE && !isBlank(code))) break;
    i++;
  }
  return i;
}

const SPACE_SIGN = /[\t-\r ]/g;

/** The end of the word that starts at `from`: the next white space, or the end of `text`. */
export function endOfWord(text: string, from: number): number {
  SPACE_SIGN.lastIndex = from;
  return SPACE_SIGN.test(text) ? SPACE_SIGN.lastIndex - 1 : text.length;
}

/** `text` without white space at either end. */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0);
  let end = text.length;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** `text` without white space at its end. */
export function trimSpaceAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** How many backslashes stand straight before `at`, looking back no further than `from`. */
export function backslashesBefore(text: string, at: number, from: number): number {
  let i = at;
  while (i > from && text.charCodeAt(i - 1) === BACKSLASH) i--;
  return at - i;
}
