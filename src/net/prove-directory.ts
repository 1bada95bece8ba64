/** The client's half of the proof that a node sees the same directory under the same name. */

import { randomBytes } from "node:crypto";
import { open, readFile, rm, stat } from "node:fs/promises";
import { fail, ok, type Result } from "../base/result.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { errnoOf, strerror } from "../os/strerror.js";
import type { MessageOf } from "../wire/message.js";
import type { DirectoryFailure, DirectoryProof } from "./node-connection.js";

type Proof = MessageOf<"proof">;

/** Asks the node; undefined when no answer came. `done` lets the node tidy up. */
export type AskProof = (file: string) => Promise<{ readonly proof: Proof; done(): void } | undefined>;

type Outcome = Result<DirectoryProof, DirectoryFailure>;

const LOST: Outcome = fail({ kind: "lost", text: "went away while it was asked for its view of the directory" });

/**
 * Writes a file with a random content, lets the node read it and write another, reads that one; removes its own on every path.
 * Where we may not write, directory number and modification time must do.
 */
export async function proveDirectory(directory: string, ask: AskProof): Promise<Outcome> {
  const name = `.mpmake-proof-${randomBytes(8).toString("hex")}`;
  const nonce = randomBytes(16).toString("hex");
  const path = resolveIn(directory, name);
  const written = await writeNonce(path, nonce);
  if (!written) return compareIdentity(directory, ask);
  try {
    const answer = await ask(name);
    if (answer === undefined) return LOST;
    try {
      return await judge(directory, answer.proof, { nonce, answerPath: `${path}.answer` });
    } finally {
      answer.done();
    }
  } finally {
    await rm(toPath(path), { force: true });
  }
}

const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);
const NOT_TO_BE_WRITTEN: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", ...FULL]);

/** @returns false when the directory cannot be written in */
async function writeNonce(path: string, nonce: string): Promise<boolean> {
  try {
    await using file = await open(toPath(path), "wx", 0o600);
    await file.chmod(0o600); // a umask may have taken that from ourselves, too
    await file.writeFile(nonce);
    return true;
  } catch (error) {
    const errno = errnoOf(error) ?? "";
    if (!NOT_TO_BE_WRITTEN.has(errno)) throw error;
    if (FULL.has(errno)) await rm(toPath(path), { force: true }); // there was room for its name
    return false;
  }
}

async function judge(
  directory: string,
  proof: Proof,
  { nonce, answerPath }: { readonly nonce: string; readonly answerPath: string },
): Promise<Outcome> {
  if (FULL.has(proof.errno) && proof.seen === nonce)
    return ok({ by: "identity", sameInode: proof.ino === (await identity(directory)).ino }); // ours took the last room
  if (proof.errno !== "" && proof.isDirectory && proof.seen === nonce) {
    return fail({ kind: "unwritable", text: `may not write in ${directory} (${strerror(proof.errno)})` });
  }
  if (!proof.isDirectory) return absent(directory, proof);
  if (proof.seen !== nonce) return fail({ kind: "other", text: `sees another directory at ${directory}` });
  const answer = await readAnswer(answerPath);
  if (answer !== proof.written) return fail({ kind: "other", text: `writes to another directory at ${directory}` });
  return ok({ by: "nonce", sameInode: proof.ino === (await identity(directory)).ino });
}

/** What the node wrote; undefined when it is not to be seen. */
async function readAnswer(path: string): Promise<string | undefined> {
  try {
    return await readFile(toPath(path), "latin1");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function compareIdentity(directory: string, ask: AskProof): Promise<Outcome> {
  const ours = await identity(directory);
  const answer = await ask("");
  if (answer === undefined) return LOST;
  answer.done();
  const { proof } = answer;
  if (!proof.isDirectory) return absent(directory, proof);
  const isSame = proof.ino === ours.ino && proof.mtimeNs === ours.mtimeNs;
  return isSame
    ? ok({ by: "identity", sameInode: true })
    : fail({ kind: "other", text: `sees another directory at ${directory}` });
}

function absent(directory: string, { errno }: Proof): Outcome {
  return fail({ kind: "absent", text: `does not see ${directory} (${strerror(errno === "" ? "ENOTDIR" : errno)})` });
}

async function identity(directory: string): Promise<{ readonly ino: bigint; readonly mtimeNs: bigint }> {
  return stat(toPath(directory), { bigint: true });
}
