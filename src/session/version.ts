/** What `-v` says, and what begins the output of -d and -p. */

/** The first line is what configure scripts look for. */
export const VERSION_LINES: readonly string[] = [
  "GNU Make 4.4.1",
  "This is mpmake 0.1.0, a program of its own that does what GNU Make 4.4.1 does.",
  "Built for x86_64-pc-linux-gnu",
  "mpmake is free software under the MIT license.",
  "There is NO WARRANTY, to the extent permitted by law.",
];
