/** How a clock that is off is told to people. */

/** `0.7 s ahead` or `60.0 s behind`. */
export function formatOffset(offsetMs: number): string {
  return `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? "ahead" : "behind"}`;
}
