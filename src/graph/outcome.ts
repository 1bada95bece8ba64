/** What an update is asked for, and what became of it. */

/** A target asked for. */
export interface GoalRequest {
  readonly name: string;
  /** The user named it: it is no intermediate file to be deleted. */
  readonly named?: boolean;
  /** A failure is not said and ends nothing (`-include`). */
  readonly dontCare?: boolean;
  /** The file is there but cannot be read: it counts as missing. */
  readonly unreadable?: boolean;
}

export interface BeginOptions {
  /** The goals are makefiles: made for real even under `-n`, `-t` and `-q`, and nothing is said of those up to date. */
  readonly makefiles?: boolean;
}

/** What became of one goal. */
export interface GoalOutcome {
  readonly name: string;
  readonly status: "success" | "failed" | "question";
  /** Its file's time is another than before. */
  readonly changed: boolean;
  readonly exists: boolean;
}

export interface Outcome {
  readonly status: "success" | "failed" | "question-not-up-to-date";
  /** In the order in which they were asked for. */
  readonly goals: readonly GoalOutcome[];
  /** It ended before all goals were tried: an error without `-k`, or an interrupt. */
  readonly stopped: boolean;
}
