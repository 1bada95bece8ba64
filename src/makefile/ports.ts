/** What an invocation gives its language, beside the Host: hooks for variables that mean something at once. */

import type { Location } from "../base/location.js";
import type { Origin } from "./model.js";

/** Who has assigned `MAKEFLAGS`. */
export interface FlagsAssignment {
  readonly origin: Origin;
  readonly location: Location | undefined;
}

/** What `MAKEFLAGS` is to hold. */
export interface HeldFlags {
  readonly value: string;
  readonly origin: Origin;
}

export interface SpecialVariables {
  /**
   * The makefile assigned `MAKEFLAGS` (any flavor or origin); `value` is expanded. The session parses it and returns what the
   * variable is to hold from now on, as GNU make 4.4 re-renders it; undefined: what was written.
   */
  makeflagsAssigned(value: string, by: FlagsAssignment): HeldFlags | undefined;
}
