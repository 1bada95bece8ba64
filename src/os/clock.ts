/** This machine's clocks. */

/** Milliseconds since the epoch, as the machine's clock has it; may jump. */
export function nowMs(): number {
  return Date.now();
}

/** Milliseconds since some moment of the past; never jumps. */
export function monotonicMs(): number {
  return performance.now();
}
