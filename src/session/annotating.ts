/** Sets up what `--annotate` asks for; loaded only then. */

import { randomBytes } from "node:crypto";
import { realpathSync } from "node:fs";
import { UserError } from "../base/user-error.js";
import { Annotator } from "../observe/annotator.js";
import { CI_DIALECTS, type CiDialectName, isCiDialect } from "../observe/ci-dialect.js";
import type { TextSink } from "../observe/console.js";
import { attempt } from "../os/attempt.js";
import { toPath } from "../os/bytes.js";
import { nowMs } from "../os/clock.js";
import { environmentValue, type InvocationContext } from "./context.js";

export interface AnnotatingRequest {
  /** A log's name; empty: that of the service that the environment is of. */
  readonly wanted: string;
  readonly context: InvocationContext;
  /** Absolute; where make works. */
  readonly directory: string;
  readonly sink: TextSink;
}

/** By what variable a service is known, and which one has the directory of the sources. */
const SERVICES: Readonly<Record<CiDialectName, { readonly known: string; readonly sources: string }>> = {
  github: { known: "GITHUB_ACTIONS", sources: "GITHUB_WORKSPACE" },
  gitlab: { known: "GITLAB_CI", sources: "CI_PROJECT_DIR" },
};

/** @returns undefined where nothing says which log it is: output stays as it is. @throws UserError */
export function openAnnotator({ wanted, context, directory, sink }: AnnotatingRequest): Annotator | undefined {
  const { environment } = context;
  const name = wanted === "" ? serviceOf(environment) : wanted;
  if (name === undefined) return undefined;
  if (!isCiDialect(name)) {
    const known = Object.keys(CI_DIALECTS).join(" and ");
    throw new UserError(`--annotate: '${name}' is no log that is known`, { hint: `known are ${known}` });
  }
  const top = environmentValue(environment, SERVICES[name].sources) ?? context.directory;
  const real = attempt(() => realpathSync(toPath(top), "latin1")) ?? top;
  // Nobody else may know it: who does can command the runner.
  const dialect = CI_DIALECTS[name](randomBytes(16).toString("hex"));
  return new Annotator({ dialect, sink, nowMs, directory, tops: [...new Set([top, real])] });
}

function serviceOf(environment: readonly string[]): CiDialectName | undefined {
  return Object.keys(SERVICES)
    .filter(isCiDialect)
    .find((name) => environmentValue(environment, SERVICES[name].known) === "true");
}
