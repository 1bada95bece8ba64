/** What daemons do when they are told to end, or to read their files again. */

export interface Daemon {
  /** Takes no new work, and resolves when what runs has ended. */
  drain(): Promise<void>;
  /** Ends what runs, and resolves when nothing of it is left. */
  stop(): Promise<void>;
}

/** SIGTERM drains, a second one stops, as SIGINT does; SIGHUP reloads. Resolves when the daemon has ended. */
export function obeySignals(daemon: Daemon, reload?: () => void): Promise<void> {
  return new Promise((resolve) => {
    let isDraining = false;
    // A failure of either ends this process with its trace.
    const stop = (): void => void daemon.stop().then(resolve);
    if (reload !== undefined) process.on("SIGHUP", reload);
    process.on("SIGINT", stop);
    process.on("SIGTERM", () => {
      if (isDraining) stop();
      else void daemon.drain().then(resolve);
      isDraining = true;
    });
  });
}
