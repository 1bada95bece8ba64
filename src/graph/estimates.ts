/** What is known of how long things take, by which jobs are put in order. Real: session/session-order.ts. */

export interface Estimates {
  /** How long a target's recipe takes, in milliseconds. */
  msOf(target: string): number;
  /** What follows this make's end, in milliseconds: what the line that runs it, and all that waits for that, still have to do. */
  readonly behindMs: number;
}

/** An order among jobs that is not the makefile's, and what of it others decide. */
export interface JobOrder {
  readonly estimates: Estimates;
  /** Whether a job that is started now would run now, and not wait for others of the session. */
  runsAtOnce(): boolean;
  /** Whether a job may be started that is to run before all that wait: with so much left of the session, in milliseconds. */
  hasRoomFor(remainingMs: number): boolean;
}
