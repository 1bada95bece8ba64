/** How a clock that is off is told to people. */

/** Below this an offset is told in milliseconds. */
const SMALL_MS = 100;

/** `0.7 s ahead`, `60.0 s behind` or `0.3 ms ahead`. */
export function formatOffset(offsetMs: number): string {
  const off = Math.abs(offsetMs);
  const amount = off < SMALL_MS ? `${off.toFixed(1)} ms` : `${(off / 1000).toFixed(1)} s`;
  return `${amount} ${offsetMs > 0 ? "ahead" : "behind"}`;
}
