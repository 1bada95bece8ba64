/** What the update says: errors, lines of its own, debug lines. */

import { formatLocation, type Location } from "../base/location.js";
import type { DebugLevel, Observer } from "../events/event.js";
import { traceText, type Reason } from "./out-of-date.js";
import type { Target } from "./target.js";

/** Says things to the observer, in GNU make's words. */
export class Voice {
  readonly #observe: Observer;
  readonly #levels: ReadonlySet<DebugLevel>;
  /** What is done is done for makefiles: nothing of it is told at any level, unless `makefile` is one of them. */
  forMakefiles = false;

  constructor(observe: Observer, levels: ReadonlySet<DebugLevel>) {
    this.#observe = observe;
    this.#levels = levels;
  }

  /** A message on stderr; the console puts `make: ` or the place before it. */
  error(text: string, location?: Location): void {
    const message = { type: "message", stream: "stderr", text } as const;
    this.#observe(location === undefined ? message : { ...message, location });
  }

  /** A message on stdout. */
  say(text: string): void {
    this.#observe({ type: "message", stream: "stdout", text });
  }

  /** A line on stdout as it is. */
  print(line: string): void {
    this.#observe({ type: "output", stream: "stdout", text: `${line}\n` });
  }

  hears(level: DebugLevel): boolean {
    return this.#levels.has(level) && (!this.forMakefiles || this.#levels.has("makefile"));
  }

  debug(level: DebugLevel, depth: number, text: () => string): void {
    if (this.hears(level)) this.#observe({ type: "debug", level, depth, text: text() });
  }

  /** `FILE:LINE: update target 'x' due to: …`, if that is wanted. */
  trace(target: Target, reason: Reason): void {
    if (!this.hears("why")) return;
    const at = target.recipe?.location;
    const place = at === undefined ? "" : `${formatLocation(at)}: `;
    this.print(`${place}update target '${target.path}' due to: ${traceText(reason)}`);
  }
}
