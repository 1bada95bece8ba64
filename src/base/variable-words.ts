/** How the words of environment variables are meant. */

/** Reads a variable of the environment; undefined: it is not set. */
export type Variables = (name: string) => string | undefined;

/** An empty variable is as good as none. */
export function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

/** A switch: on unless it is empty or `0`. */
export function isSet(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text !== "" && text !== "0";
}
