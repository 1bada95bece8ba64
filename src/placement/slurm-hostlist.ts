/** Lists of nodes as Slurm writes them: `login,n[01-03,7],rack[0-1]n[1-2]-ib`. */

import { fail, ok, type Result } from "../base/result.js";

/** Whoever names more has made a slip, or has a machine that one make does not fill. */
export const MAX_HOSTS = 65_536;

/** The names in Slurm's order, as often as they are listed. The failure is a phrase that names the element. */
export function expandHostlist(text: string): Result<readonly string[], string> {
  const names: string[] = [];
  for (const element of splitOutsideBrackets(text)) {
    const expanded = expandElement(element);
    if (!expanded.ok) return fail(`"${element}" in the list of nodes: ${expanded.error}`);
    names.push(...expanded.value);
    if (names.length > MAX_HOSTS) return fail(`"${element}" in the list of nodes: ${TOO_MANY}`);
  }
  return ok(names);
}

const TOO_MANY = `more than ${String(MAX_HOSTS)} nodes`;

function splitOutsideBrackets(text: string): readonly string[] {
  return text.split(/,(?![^[]*\])/).map((element) => element.trim());
}

/** Each bracket multiplies the names; the last one changes fastest. */
function expandElement(element: string): Result<readonly string[], string> {
  if (element === "") return fail("a name is missing");
  let names: readonly string[] = [""];
  for (const part of element.split(/(\[[^\][]*\])/)) {
    const inside = part.startsWith("[") && part.endsWith("]") ? expandRanges(part.slice(1, -1)) : literal(part);
    if (!inside.ok) return inside;
    if (names.length * inside.value.length > MAX_HOSTS) return fail(TOO_MANY);
    names = names.flatMap((name) => inside.value.map((more) => name + more));
  }
  return ok(names);
}

function literal(part: string): Result<readonly string[], string> {
  return /^[A-Za-z0-9_.-]*$/.test(part) ? ok([part]) : fail(`"${part}" is no part of a name`);
}

function expandRanges(inside: string): Result<readonly string[], string> {
  const numbers: string[] = [];
  for (const range of inside.split(",")) {
    const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range) ?? [];
    if (from === undefined || to === undefined) return fail(`"${range}" is not a number or a range`);
    const [first, last] = [Number(from), Number(to)];
    if (last < first) return fail(`the range ${range} runs backwards`);
    if (numbers.length + last - first >= MAX_HOSTS) return fail(TOO_MANY);
    for (let number = first; number <= last; number++) numbers.push(String(number).padStart(from.length, "0"));
  }
  return ok(numbers);
}
