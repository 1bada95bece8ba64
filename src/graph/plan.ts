/** What is done with the lines of a recipe: run, printed (`-n`), left out. */

import type { RecipeLine } from "./job.js";
import type { Script } from "./recipe.js";

/** What is done with recipes: run them, print them (`-n`), touch their targets (`-t`), or only say that one would run (`-q`). */
export type Mode = "run" | "print" | "touch" | "question";

export interface Segment {
  readonly kind: "run" | "print";
  readonly lines: readonly RecipeLine[];
}

export interface Plan {
  readonly segments: readonly Segment[];
  /** Lines were left out: the files are not really made. */
  readonly pretended: boolean;
  /** The last line was left out. */
  readonly endsLeftOut: boolean;
  /** How it ends when all goes well. */
  readonly then: "done" | "touch" | "question";
}

/** What is done with a recipe's lines. */
export function planOf({ lines, hasIdle, endsIdle, isRecursive }: Script, mode: Mode): Plan {
  const recursive = lines.filter((line) => line.recursive);
  const allRecursive = recursive.length === lines.length;
  const endsLeftOut = mode !== "run" && (endsIdle || lines.at(-1)?.recursive === false);
  switch (mode) {
    case "run":
      return { segments: runs(lines), pretended: false, endsLeftOut, then: "done" };
    case "print":
      return { segments: printedAndRun(lines), pretended: !isRecursive, endsLeftOut, then: "done" };
    case "touch":
      return {
        segments: runs(recursive),
        pretended: false,
        endsLeftOut,
        then: allRecursive && !hasIdle ? "done" : "touch",
      };
    case "question": {
      const first = lines.findIndex((line) => !line.recursive);
      if (first < 0) return { segments: runs(lines), pretended: false, endsLeftOut, then: "done" };
      return { segments: runs(lines.slice(0, first)), pretended: true, endsLeftOut, then: "question" };
    }
  }
}

function runs(lines: readonly RecipeLine[]): readonly Segment[] {
  return lines.length === 0 ? [] : [{ kind: "run", lines }];
}

/** `-n`: lines that run another make are run, between those that are printed. */
function printedAndRun(lines: readonly RecipeLine[]): readonly Segment[] {
  const segments: { readonly kind: "run" | "print"; readonly lines: RecipeLine[] }[] = [];
  for (const line of lines) {
    const kind = line.recursive ? "run" : "print";
    const last = segments.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else segments.push({ kind, lines: [line] });
  }
  return segments;
}
