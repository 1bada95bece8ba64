/** Where `include` looks: the directories of -I, then the usual ones, as far as they exist. */

import { resolveIn } from "../os/bytes.js";
import { isDirectory } from "./machine.js";

const DEFAULT_DIRECTORIES: readonly string[] = ["/usr/local/include", "/usr/include", "/usr/local/include"];

/** `-I-` forgets what came before it, the usual ones too. */
export function includeDirectories(
  given: readonly string[],
  directory: string,
  home: () => string | undefined,
): readonly string[] {
  const reset = given.lastIndexOf("-");
  const named = given
    .slice(reset + 1)
    .map((name) => (name.startsWith("~/") || name === "~" ? `${home() ?? "~"}${name.slice(1)}` : name));
  const all = reset < 0 ? [...named, ...DEFAULT_DIRECTORIES] : named;
  const present = new Set([...new Set(all)].filter((name) => isDirectory(resolveIn(directory, name))));
  return all.filter((name) => present.has(name)).map(withoutSlashes);
}

function withoutSlashes(name: string): string {
  let end = name.length;
  while (end > 1 && name.charAt(end - 1) === "/") end--;
  return name.slice(0, end);
}
