/** Cancellation as the pure rooms see it; the platform's AbortSignal fits. */

export interface Cancellation {
  readonly aborted: boolean;
  /** Why, once it is aborted; the number of a signal: processes are to be ended by that one. */
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
