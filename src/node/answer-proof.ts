/** The node's half of the proof that it sees a client's directory: reads the client's file, writes one beside it. */

import { randomBytes } from "node:crypto";
import { lstatSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolveIn, toPath } from "../os/bytes.js";
import { errnoOf } from "../os/strerror.js";
import { MAX_NONCE_BYTES } from "../wire/limits.js";
import type { MessageOf } from "../wire/message.js";

type Proof = MessageOf<"proof">;

export interface ProofAnswer {
  readonly proof: Proof;
  /** Removes what was written. */
  readonly dispose: () => void;
}

/** Looks, and tells what was seen. */
export function answerProof({ stream, directory, file }: MessageOf<"prove">): ProofAnswer {
  const seen: Proof = {
    type: "proof",
    stream,
    errno: "",
    isDirectory: false,
    ino: 0n,
    mtimeNs: 0n,
    seen: "",
    written: "",
  };
  const answer = resolveIn(directory, `${file}.answer`);
  const steps = file === "" ? [] : [read(resolveIn(directory, file)), writeAnswer(answer)];
  const proof = withErrno(seen, [lookAt(directory), ...steps]);
  return { proof, dispose: () => (proof.written === "" ? undefined : remove(answer)) };
}

/** A directory that has changed so much meanwhile that its file cannot be removed is its owner's doing. */
function remove(path: string): void {
  try {
    rmSync(toPath(path), { force: true });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

type Step = () => Partial<Proof>;

/** Takes the steps in order, until one fails. */
function withErrno(start: Proof, steps: readonly Step[]): Proof {
  let proof = start;
  try {
    for (const step of steps) proof = { ...proof, ...step() };
    return proof;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return { ...proof, errno };
  }
}

function lookAt(directory: string): Step {
  return () => {
    const stat = statSync(toPath(directory), { bigint: true });
    return { isDirectory: stat.isDirectory(), ino: stat.ino, mtimeNs: stat.mtimeNs };
  };
}

/** Only a short plain file is read: the client's, or nothing that it could not read as well. */
function read(path: string): Step {
  return () => {
    const stat = lstatSync(toPath(path));
    return stat.isFile() && stat.size <= MAX_NONCE_BYTES ? { seen: readFileSync(toPath(path), "latin1") } : {};
  };
}

function writeAnswer(path: string): Step {
  return () => {
    const written = randomBytes(16).toString("hex");
    try {
      writeFileSync(toPath(path), written, { flag: "wx", mode: 0o600 });
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") remove(path); // a full disk may have had room for its name
      throw error;
    }
    return { written };
  };
}
