/** A file to be made or used, and what the update knows of it. */

import type { Recipe } from "../makefile/rule-sink.js";
import type { Scope } from "../makefile/expander.js";
import type { TargetRule } from "../rules/rule.js";
import type { Receipt } from "./job.js";

/** How far the update of a target got; the higher, the worse. */
export const STATUS = { success: 0, question: 1, failed: 2 } as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

/**
 * The life of a target in one update:
 *
 * ```
 *          a prerequisite is running          it can go on
 *   idle ─────────────────────────▶ waiting ───────────────▶ (considered again)
 *    │                                                             │
 *    │ out of date, with a recipe                                  │
 *    ├──────────────────────────────▶ running ──▶ done ◀───────────┤
 *    └─────────────── nothing to run ──────────────▲               │
 *                                                  └───────────────┘
 * ```
 */
export type TargetState = "idle" | "waiting" | "running" | "done";

/** Times as the update compares them: nanoseconds, and values before and beyond all times. */
export const TIME = {
  /** The file does not exist. */
  missing: -2n,
  /** `-o`: older than anything. */
  old: -1n,
  /** `-W`, or a target that is only said to be remade: newer than anything. */
  new: 1n << 100n,
} as const;

/** Whoever waits for targets to be done: a target, or a goal. */
export interface Waiter {
  /** How many of those it waits for are not done. */
  pending: number;
  /** Its place in the order in which things are looked at again. */
  order: number;
}

/** A prerequisite of a target. */
export interface Edge {
  /** May be replaced once, by the target it turns out to be on a search path. */
  target: Target;
  readonly orderOnly: boolean;
  readonly waitBefore: boolean;
  /** From `.EXTRA_PREREQS`: automatic variables do not show it. */
  readonly extra: boolean;
  /** Its time when this target first looked at it. */
  seen: bigint | undefined;
  /** It is newer, was remade, or does not exist: `$?` names it. */
  changed: boolean;
}

/** One file; of a `::` target one of its rules. Only the rooms of graph/ change it. */
export class Target implements Waiter {
  /** As rules name it. */
  readonly name: string;
  /** What automatic variables and recipes call it: the name, or where a search path has it. */
  path: string;
  /** The first of the `::` rules of this name; itself for any other target. It holds the time for all. */
  readonly head: Target;
  /** The next `::` rule of the same name. */
  next: Target | undefined = undefined;
  /** Another target that this one turned out to be. */
  alias: Target | undefined = undefined;

  /** The explicit rule behind it. */
  rule: TargetRule | undefined;
  recipe: Recipe | undefined;
  /** The recipe is `.DEFAULT`'s. */
  usesDefault = false;
  stem: string | undefined;
  /** The recipe was found by implicit search; its prerequisites come first. */
  isImplicit = false;
  /** An implicit rule was found that makes it, if only beside another: searches for others count on it. */
  oughtToExist = false;
  /** A recipe of a rule is its own; or at least a rule names it as a target. */
  isTarget: boolean;
  /** In the order of `$+`. */
  edges: Edge[] = [];
  /** The same in the order in which they are looked at. */
  walkOrder: readonly Edge[] = [];
  /** `--shuffle` is for it. */
  isShuffled = false;
  /** All prerequisites stand in `edges`. */
  edgesComplete = false;
  /** What the same recipe makes beside it. */
  peers: Target[] = [];
  /** Those whose prerequisites are looked at behind its own: its peers, and in an explicit group itself once more. */
  group: Target[] = [];
  /** Implicit search was done, or is not to be. */
  searched = false;

  phony = false;
  precious = false;
  intermediate = false;
  secondary = false;
  lowResolution = false;
  /** The user asked for it by name. */
  isGoal = false;
  /** It is a makefile that was read: no intermediate file, whoever else needs it. */
  isMakefile = false;
  /** It was first considered as a goal, not as a prerequisite. */
  isRoot = false;
  /** A failure to make it matters to nobody (`-include`). */
  dontCare = false;
  /** It failed without a word, for nobody cared then. */
  failedSilently = false;

  state: TargetState = "idle";
  status: Status = STATUS.success;
  /** A recipe of it was started, or a file of it touched. */
  wasTried = false;
  /** It was found out of date, or what it needs could not be made. */
  wasOutOfDate = false;
  /** The walk is inside it: coming back here is a circle. */
  onPath = false;
  /** Search paths are not for it: it is being remade here. */
  ignoresSearchPath = false;
  /** Modification time; undefined: not asked for yet. Of a `::` target the head's counts. */
  time: bigint | undefined = undefined;
  /** Of a `::` target's head: its time before any of its rules ran, with which all of them compare. */
  firstTime: bigint | undefined = undefined;
  /** The target whose prerequisite it was when it was first considered. */
  wantedBy: Target | undefined = undefined;
  /** The target that looked at it last; the one an error message names. */
  askedBy: Target | undefined = undefined;
  /** Levels of recursion at which it was first considered, for `--debug`. */
  depth = 0;
  scope: Scope | undefined = undefined;
  /** Whether it, or a pattern that matches it, has variables. */
  hasVariables: boolean | undefined = undefined;
  /** The nearest target above that has; known once it was asked for. */
  inheritsFrom: { readonly target: Target | undefined } | undefined = undefined;

  /** What was certified of the files that its recipe made in this update; of a file that was there and is new, itself. */
  receipts: readonly Receipt[] = [];
  /** It is done, and neither for it nor for anything below it is there a receipt. */
  isQuiet = false;

  pending = 0;
  order = -1;
  /** Who is to be woken when it is done. */
  waiters: Waiter[] = [];

  constructor(name: string, rule: TargetRule | undefined, head?: Target) {
    this.name = name;
    this.path = name;
    this.head = head ?? this;
    this.rule = rule;
    this.recipe = rule?.recipe;
    this.stem = rule?.stem;
    this.isTarget = rule !== undefined;
  }

  get isDoubleColon(): boolean {
    return this.rule?.doubleColon === true;
  }

  /** Its recipe is under way, or it waits for such. */
  get isUnderWay(): boolean {
    return this.state === "running" || this.state === "waiting";
  }
}

/** The worse of two. */
export function worse(a: Status, b: Status): Status {
  return a > b ? a : b;
}

/** Those of a target's `::` rules that are under way. */
export function underWay(target: Target): readonly Target[] {
  const found: Target[] = [];
  for (let each: Target | undefined = target.head; each !== undefined; each = each.next) {
    if (each.isUnderWay) found.push(each);
  }
  return found;
}

/** The names of the target, of the one that asked for it last, and so on to the goal. */
export function wantersOf(target: Target): readonly string[] {
  const found = new Set<Target>();
  for (let each: Target | undefined = target; each !== undefined && !found.has(each); each = each.askedBy)
    found.add(each);
  return [...found].map(({ name }) => name);
}

/** The target and all that wait for it, directly or not. */
export function waitersOf(start: Target): Set<Target> {
  const found = new Set<Target>([start]);
  for (const each of found) {
    for (const waiter of each.waiters) if ("head" in waiter) found.add(waiter as Target);
  }
  return found;
}
