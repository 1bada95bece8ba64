/** File names in which marks stand for the parts that tell names of one kind apart. */

/** Stands for the directory, or what of it no pattern begins with; with its slash, as names are cut at slashes. */
export const MIDDLE = "\x01/";
/** Stands for what no suffix of a pattern reaches into. */
export const CORE = "\0";

const MARKS = /[\0\x01]/;

/** `before`, the name's middle, `start`, the name's core, `end`. */
export interface MarkedName {
  readonly before: string;
  readonly hasMiddle: boolean;
  readonly start: string;
  readonly hasCore: boolean;
  readonly end: string;
}

/** Whether a name looks as if it had been marked already. */
export function hasMarks(name: string): boolean {
  return MARKS.test(name);
}

/** The parts of a name with marks. */
export function parseMarked(name: string): MarkedName {
  const middle = name.indexOf(MIDDLE);
  const hasMiddle = middle >= 0;
  const rest = hasMiddle ? name.slice(middle + MIDDLE.length) : name;
  const core = rest.indexOf(CORE);
  const hasCore = core >= 0;
  return {
    before: hasMiddle ? name.slice(0, middle) : "",
    hasMiddle,
    start: hasCore ? rest.slice(0, core) : rest,
    hasCore,
    end: hasCore ? rest.slice(core + CORE.length) : "",
  };
}

/** The name with `middle` and `core` in the place of its marks. */
export function fillIn({ before, hasMiddle, start, hasCore, end }: MarkedName, middle: string, core: string): string {
  return before + (hasMiddle ? middle : "") + start + (hasCore ? core : "") + end;
}
