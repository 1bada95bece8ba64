/** Which makefiles were read, or could not be. */

import type { Location } from "../base/location.js";

/** How a makefile came to be read. */
export type MakefileOrigin = "option" | "default" | "MAKEFILES" | "include";

/** One makefile, in the order of reading. It is a goal to be remade before the others. */
export interface MakefileRead {
  /** The goal's name: as given, or with the include directory where it was found. */
  readonly name: string;
  readonly from: MakefileOrigin;
  /** Nothing is said when it is missing: `-include`, MAKEFILES. */
  readonly optional: boolean;
  /** It was there and has been read. */
  readonly found: boolean;
  /** Why it could not be read, in the C library's words. */
  readonly error: string | undefined;
  /** The `include` line. */
  readonly location: Location | undefined;
}
