/** Shell wildcard patterns on byte strings: `*`, `?`, `[…]` and backslash escapes, as fnmatch(3) has them without flags. */

type Element =
  | { readonly kind: "literal"; readonly char: string }
  | { readonly kind: "any" }
  | { readonly kind: "many" }
  | { readonly kind: "set"; readonly has: (char: string) => boolean };

export type Matcher = (name: string) => boolean;

/** Whether a text holds an unescaped `*`, `?`, or a `[` that is closed. */
export function hasWildcard(text: string): boolean {
  return parse(text).some(({ kind }) => kind !== "literal");
}

/** The text without its backslash escapes. */
export function unescape(text: string): string {
  return text.includes("\\") ? text.replace(/\\([\s\S])/g, "$1") : text;
}

/** A test for whole names. */
export function wildcardMatcher(pattern: string): Matcher {
  const elements = parse(pattern);
  return (name) => matches(elements, name);
}

/** Goes back only to the last `*`: with earlier ones no other way can succeed where that one fails. */
function matches(elements: readonly Element[], name: string): boolean {
  let [e, n] = [0, 0];
  let [starElement, starName] = [-1, 0];
  while (n < name.length || e < elements.length) {
    const element = elements[e];
    if (element?.kind === "many") {
      [starElement, starName] = [e++, n];
    } else if (element !== undefined && n < name.length && accepts(element, name.charAt(n))) {
      e++;
      n++;
    } else if (starElement >= 0 && starName < name.length) {
      e = starElement + 1;
      n = ++starName;
    } else {
      return false;
    }
  }
  return true;
}

function accepts(element: Element, char: string): boolean {
  switch (element.kind) {
    case "literal":
      return element.char === char;
    case "any":
    case "many":
      return true;
    case "set":
      return element.has(char);
  }
}

function parse(pattern: string): Element[] {
  const elements: Element[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    const set = char === "[" ? parseSet(pattern, i) : undefined;
    if (char === "*") elements.push({ kind: "many" });
    else if (char === "?") elements.push({ kind: "any" });
    else if (char === "\\" && i + 1 < pattern.length) elements.push({ kind: "literal", char: pattern.charAt(++i) });
    else if (set === undefined) elements.push({ kind: "literal", char });
    else {
      elements.push({ kind: "set", has: set.has });
      i = set.end;
    }
  }
  return elements;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** A bracket expression that opens at `start`; `end` is its `]`. undefined: it never closes, so it is no such thing. */
function parseSet(
  pattern: string,
  start: number,
): { readonly has: (char: string) => boolean; readonly end: number } | undefined {
  let i = start + 1;
  const isNegated = pattern.charAt(i) === "!" || pattern.charAt(i) === "^";
  if (isNegated) i++;
  const members: ((char: string) => boolean)[] = [];
  for (const first = i; i < pattern.length;) {
    if (pattern.charAt(i) === "]" && i > first) {
      return { has: (char) => members.some((member) => member(char)) !== isNegated, end: i };
    }
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 12));
    const wanted = CLASSES[named?.[1] ?? ""];
    if (named !== null && wanted !== undefined) {
      members.push((char) => wanted.test(char));
      i += named[0].length;
      continue;
    }
    const low = memberAt(pattern, i);
    i = low.next;
    if (pattern.charAt(i) !== "-" || i + 1 >= pattern.length || pattern.charAt(i + 1) === "]") {
      members.push((char) => char === low.char);
      continue;
    }
    const high = memberAt(pattern, i + 1);
    i = high.next;
    members.push((char) => char >= low.char && char <= high.char);
  }
  return undefined;
}

function memberAt(pattern: string, i: number): { readonly char: string; readonly next: number } {
  const isEscape = pattern.charAt(i) === "\\" && i + 1 < pattern.length;
  return isEscape ? { char: pattern.charAt(i + 1), next: i + 2 } : { char: pattern.charAt(i), next: i + 1 };
}
