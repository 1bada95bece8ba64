/** Which standing cluster a make is to use, and that its folder may be believed. */

import { dirname, resolve } from "node:path";
import { UserError } from "../base/user-error.js";
import { fromUnicode, toUnicode } from "../os/bytes.js";
import { ClusterFolder, type FolderFault } from "../os/cluster-folder.js";
import { readStandingCluster } from "../placement/node-list.js";
import { findClusterFolder } from "./config-file.js";
import type { Config } from "./config-schema.js";

export interface StandingWish {
  /** NODES, or what stands for it. */
  readonly listed: string;
  /** Neither that nor anything else says where to build: a folder that is found counts. */
  readonly isOpen: boolean;
  /** Whether one is looked for that nobody names. */
  readonly searches: boolean;
  readonly config: Config;
  /** The configuration file, absolute. */
  readonly configFile: string | undefined;
  /** The invocation's directory, absolute. */
  readonly directory: string;
  readonly home: string | undefined;
  readonly userId: number;
}

/** Its folder; undefined: there is none to use. @throws UserError for one that is not ours alone */
export function standingCluster(wish: StandingWish): ClusterFolder | undefined {
  const path = named(wish) ?? (wish.isOpen ? configured(wish) : undefined);
  return path === undefined ? undefined : openCluster(path, wish.userId);
}

function named({ listed, directory }: StandingWish): string | undefined {
  const path = readStandingCluster(listed);
  return path === undefined ? undefined : resolve(directory, path);
}

function configured({ config, configFile, searches, ...search }: StandingWish): string | undefined {
  if (config.cluster !== undefined && configFile !== undefined) return resolve(dirname(configFile), config.cluster);
  return searches ? findClusterFolder(search) : undefined;
}

/** A folder that is named. @param path - absolute. @throws UserError */
export function openCluster(path: string, userId: number): ClusterFolder {
  const text = toUnicode(path);
  if (text === undefined) throw new UserError(`${path}: the name of a cluster's folder has to be UTF-8`);
  const folder = ClusterFolder.open(text, userId);
  if (folder.ok) return folder.value;
  throw folderError(folder.error);
}

/** What the user reads of a folder that cannot be used. */
export function folderError({ text, hint }: FolderFault): UserError {
  return new UserError(fromUnicode(text), { hint: hint && fromUnicode(hint) });
}
