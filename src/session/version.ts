/** What `-v` says, and what begins the output of -d and -p. */

/** The first line is what configure scripts look for. */
export const VERSION_LINES: readonly string[] = [
  "GNU Make 4.4.1",
  "as mpmake does it, which runs recipes on a cluster; mpmake is not GNU Make",
  "Built for x86_64-pc-linux-gnu",
  "mpmake is free software under the MIT license; there is NO WARRANTY.",
];
