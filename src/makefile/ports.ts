/** What an invocation gives its language, beside the Host: hooks for variables that mean something at once. */

import type { Location } from "../base/location.js";

export interface SpecialVariables {
  /**
   * The makefile assigned `MAKEFLAGS` (any flavor or origin); `value` is expanded. The session parses it and returns what the
   * variable is to hold from now on, as GNU make 4.4 re-renders it.
   */
  makeflagsAssigned(value: string, at: Location | undefined): string;
}
