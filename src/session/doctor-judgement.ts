/** What `mpmake --doctor` makes of an answer, and the ways to say it. */

import type { Facts } from "./doctor-facts.js";
import type { Sharing } from "./doctor-sharing.js";

export interface Judgement {
  readonly verdict: "ok" | "warning" | "error";
  /** What was found, as a phrase. */
  readonly text: string;
  /** What would go wrong. */
  readonly effect?: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** What is known of a machine that can be used. */
export interface Examined {
  readonly here: Facts;
  /** The same as `here` when it is this machine. */
  readonly there: Facts;
  /** Absolute. */
  readonly directory: string;
  /** undefined: it is this machine. */
  readonly remote: ExaminedRemote | undefined;
}

export interface ExaminedRemote {
  /** Its clock minus ours. */
  readonly clockOffsetMs: number;
  readonly roundTripMs: number;
  readonly megabytesPerSecond: number;
  /** undefined: nothing could be tried, as one of the two may not write there. */
  readonly sharing: Sharing | undefined;
}

export interface Probe {
  readonly name: string;
  /** undefined: there is nothing to say of this machine. */
  readonly judge: (examined: Examined) => Judgement | undefined;
}

interface Consequence {
  readonly effect: string;
  readonly fix: string;
}

export const ok = (text: string): Judgement => ({ verdict: "ok", text });
export const warning = (text: string, { effect, fix }: Consequence): Judgement => ({
  verdict: "warning",
  ...{ text, effect, fix },
});
export const error = (text: string, { effect, fix }: Consequence): Judgement => ({
  verdict: "error",
  ...{ text, effect, fix },
});

/** A fact that has to be as it is here; `differs` says what it means when it is not. */
export function same(name: string, differs: (there: string, here: string) => Judgement, title = name): Probe {
  return {
    name: title,
    judge: ({ here, there, remote }) => {
      const [mine, its] = [here.get(name) ?? "", there.get(name) ?? ""];
      if (mine !== its) return differs(its, mine);
      return ok(`${its === "" ? "none" : its}${remote === undefined ? "" : ", as here"}`);
    },
  };
}
