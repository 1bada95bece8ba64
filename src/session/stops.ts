/** Being stopped and going on again. */

/** Calls back with SIGTSTP before this process stops by it, and with SIGCONT when it goes on, until the way to stop it is called. */
export type OnStops = (listener: (signal: number) => void) => () => void;
