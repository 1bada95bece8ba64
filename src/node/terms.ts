/** Reads the files that say whom a worker lets in: its key, its pairs of addresses, and who may run recipes as whom. */

import { fromBytes } from "../base/latin1.js";
import { fail, ok, type Result } from "../base/result.js";
import { readKeyFileOf } from "../net/key-store.js";
import { readTrustedFile } from "../os/trusted-file.js";
import { type AddressPair, MAX_PAIRS_BYTES, parsePairsFile } from "./address-pairs.js";
import { type Grant, MAX_AUTHORIZED_BYTES, parseAuthorized } from "./authorized.js";
import type { WorkerTerms } from "./worker.js";

export interface TermsFiles {
  /** All paths are absolute. */
  readonly key: string;
  readonly pairs: string | undefined;
  readonly authorized: string | undefined;
  /** Pairs besides those of the file. */
  readonly admitted: readonly AddressPair[];
  /** Whether the mask 0.0.0.0 is meant. */
  readonly allowEveryone: boolean;
  /** Whether root opens the credentials of MUNGE, which are for root alone. */
  readonly opensMunge: boolean;
}

/** All of them, or what is wrong with the first that cannot be used: a sentence without full stop, naming the file. */
export function readTerms(files: TermsFiles): Result<WorkerTerms, string> {
  const credential = readKeyFileOf(files.key, "worker");
  if (!credential.ok) return fail(credential.error.text);
  const { allowEveryone } = files;
  const pairs = readPublic(files.pairs, { maxBytes: MAX_PAIRS_BYTES }, (text) =>
    parsePairsFile(text, { allowEveryone }),
  );
  if (!pairs.ok) return pairs;
  const grants: Result<readonly Grant[] | undefined, string> = readPublic(
    files.authorized,
    { maxBytes: MAX_AUTHORIZED_BYTES, hint: authorizeHint(files) },
    parseAuthorized,
  );
  if (!grants.ok) return grants;
  if (!files.opensMunge && grants.value?.some(({ isByMunge }) => isByMunge) === true)
    return fail(`${files.authorized ?? ""} says auth=munge, which takes a worker that root starts`);
  const admitted = [...files.admitted, ...(pairs.value ?? [])];
  return ok({ credential: credential.value, admitted, grants: grants.value });
}

/** What makes the first line of a list that is missing; of a user's credential, which the command makes, too. */
function authorizeHint({ key, authorized = "" }: TermsFiles): string {
  return `: it says who may run recipes; "ckeygen -c USER ${key} >>${authorized}" lets USER in`;
}

/** A file that is not named says nothing. `hint` is for one that is missing. */
function readPublic<T>(
  path: string | undefined,
  { maxBytes, hint = "" }: { readonly maxBytes: number; readonly hint?: string },
  parse: (text: string) => Result<T, string>,
): Result<T | undefined, string> {
  if (path === undefined) return ok(undefined);
  const bytes = readTrustedFile(path, { kind: "public", maxBytes });
  if (!bytes.ok) return fail(`${path} ${bytes.error.text}${bytes.error.kind === "missing" ? hint : ""}`);
  const parsed = parse(fromBytes(bytes.value));
  return parsed.ok ? parsed : fail(`${path} ${parsed.error}`);
}
