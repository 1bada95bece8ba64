/** What a far make is told to work in and to read: each such place has to be there on both machines, and to be the same. */

import { dirname } from "node:path";
import { realpathSync } from "node:fs";
import type { NodeOfMakes } from "../exec/job-far-makes.js";
import { attempt } from "../os/attempt.js";
import { resolveIn, toPath } from "../os/bytes.js";
import type { JoinWish } from "../wire/message.js";
import { readCommandLine } from "./command-line.js";
import { environmentValue } from "./context.js";
import { isDirectory } from "./machine.js";
import { namesOwnDescriptor } from "./own-descriptor-names.js";
import type { Switches } from "./switches.js";

/** What makes that are started go by, of the wish. */
type Told = Pick<JoinWish, "argv" | "argv0" | "directory" | "environment">;

/** More names are not looked at. */
const MAX_NAMES = 16;

/**
 * Whether the node sees the directories of -C and -I, those of makefiles, and so on, as we do. What makefiles then name themselves
 * nobody looks at. It does not reject.
 */
export async function seesPlaces(told: Told, node: Pick<NodeOfMakes, "sees">): Promise<boolean> {
  const places = placesOf(told);
  if (places === undefined) return false;
  for (const place of new Set(places)) if (!(await node.sees(place))) return false;
  return true;
}

/** Variables that say where a make has its temporary files: on a node they may be of that node alone. */
const TEMPORARY = ["MAKE_TMPDIR", "TMPDIR"] as const;

/** Whether one has its temporary files where the other has them. */
export function agreeOnTemporary(one: readonly string[], other: readonly string[]): boolean {
  return TEMPORARY.every((name) => environmentValue(one, name) === environmentValue(other, name));
}

/** Options whose last value is a file's name. */
const FILES = ["temporaryStdin", "config", "key", "history", "report", "traceFile", "sentdir"] as const;

/** Real names of directories, the one where the make works first; undefined: one is not here, or they are too many. */
function placesOf(told: Told): readonly string[] | undefined {
  const switches = switchesOf(told);
  if (switches === undefined) return undefined;
  const { environment } = told;
  const home = environmentValue(environment, "HOME");
  const full = (names: readonly string[]): readonly string[] => names.map((name) => expandHome(name, home));
  const changes = full(switches.list("directory"));
  const includes = full(switches.list("includeDirectory").filter((name) => name !== "-")); // which forgets those before it
  const more = (environmentValue(environment, "MAKEFILES") ?? "").split(/[ \t\n]+/);
  const given = [...switches.list("makefile"), ...FILES.flatMap((key) => switches.value(key) ?? []), ...more];
  const files = given.filter((name) => name !== "");
  const names = [...changes, ...includes, ...files];
  if (names.length > MAX_NAMES || namesOwnDescriptor(names) || files.some(isNoPath)) return undefined;
  let directory: string | undefined = told.directory;
  for (const name of changes) directory &&= realDirectory(resolveIn(directory, name));
  if (directory === undefined) return undefined;
  const from = directory;
  const places = [
    from,
    ...includes.map((name) => realDirectory(resolveIn(from, name))),
    ...files.map((name) => directoryOf(resolveIn(from, name))),
  ];
  return places.every((place) => place !== undefined) ? places : undefined;
}

/** What may stand for a file in the place of its name. */
function isNoPath(name: string): boolean {
  return name === "-" || /^~|\$/.test(name);
}

/** Undefined: MAKEFLAGS refers to what only its make can know. */
function switchesOf({ argv0, argv, environment }: Told): Switches | undefined {
  const flags = ["GNUMAKEFLAGS", "MAKEFLAGS"].map((name) => environmentValue(environment, name) ?? "");
  if (flags.some((value) => value.replaceAll("$$", "").includes("$"))) return undefined;
  const expand = (value: string): string => value.replaceAll("$$", () => "$");
  return readCommandLine({ argv0, program: "", argv, environment, expand }).switches;
}

function expandHome(name: string, home: string | undefined): string {
  return home !== undefined && (name === "~" || name.startsWith("~/")) ? home + name.slice(1) : name;
}

/** Of a file, or of where one may come to be. */
function directoryOf(path: string): string | undefined {
  const file = realPath(path);
  return file === undefined ? realDirectory(dirname(path)) : dirname(file);
}

function realDirectory(path: string): string | undefined {
  const real = realPath(path);
  return real !== undefined && attempt(() => isDirectory(real)) === true ? real : undefined;
}

function realPath(path: string): string | undefined {
  return attempt(() => realpathSync.native(toPath(path), "latin1"));
}
