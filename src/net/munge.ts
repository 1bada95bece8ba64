/**
 * Credentials of MUNGE: what the munged of a user's own machine says of him to the one of another. See munge(1), unmunge(1). Here they
 * hold the number of one TLS connection to one worker, so that whoever gets hold of one can use it nowhere else.
 */

import { execFile } from "node:child_process";
import type { TLSSocket } from "node:tls";
import { fail, ok, type Result } from "../base/result.js";
import { strerror } from "../os/strerror.js";
import { fingerprintOfCertificate } from "./credential.js";

/** How munged is reached. */
export interface Munge {
  /** Its socket; undefined: where munge looks for it by itself. */
  readonly socket: string | undefined;
}

/** What a client shows of himself, and what it has to hold. */
export interface MungeProof {
  readonly credential: string;
  /** Of the connection by which it came. */
  readonly channel: string;
}

/** What munged knows of a credential. */
export interface MungeIdentity {
  readonly uid: number;
  readonly payload: string;
}

const LABEL = "EXPORTER-mpmake-munge";
const CHANNEL_BYTES = 32;
const TTL_SECONDS = 60;
/** Only the worker's monitor may open it. */
const DECODER = "root";
const TIMEOUT_MS = 5000;
const CREDENTIAL = /^MUNGE:[A-Za-z0-9+/=]+:$/;

/** What both ends of a connection know, and nobody else: 64 hexadecimal digits. `worker` is the worker's certificate. */
export function channelOf(socket: TLSSocket, worker: Uint8Array): string {
  const context = Buffer.from(fingerprintOfCertificate(worker), "hex");
  return socket.exportKeyingMaterial(CHANNEL_BYTES, LABEL, context).toString("hex");
}

/** Our user's credential for a connection. The failure is a phrase behind "munge". */
export async function encodeMunge(channel: string, { socket }: Munge): Promise<Result<string, string>> {
  const words = ["-s", channel, "-u", DECODER, "-t", String(TTL_SECONDS), ...socketWords(socket)];
  const { code, stdout, stderr } = await run("munge", words, "");
  const credential = stdout.trim();
  return code === 0 && CREDENTIAL.test(credential) ? ok(credential) : fail(faultOf(code, stderr));
}

/** Whose a credential is; it can be asked once. The failure is a phrase behind "munge". */
export async function decodeMunge(credential: string, { socket }: Munge): Promise<Result<MungeIdentity, string>> {
  if (!CREDENTIAL.test(credential)) return fail("takes it for no credential");
  const { code, stdout, stderr } = await run("unmunge", ["-N", "-k", "UID", ...socketWords(socket)], `${credential}\n`);
  if (code !== 0) return fail(faultOf(code, stderr));
  const [, uid = "", payload = ""] = /^UID: *(\d+)\n\n([0-9a-f]*)$/.exec(stdout) ?? [];
  return uid === "" ? fail("says nothing that can be understood") : ok({ uid: Number(uid), payload });
}

function socketWords(socket: string | undefined): readonly string[] {
  return socket === undefined ? [] : ["-S", socket];
}

interface Ran {
  /** Its exit status, or why it has none. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, words: readonly string[], input: string): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, [...words], { timeout: TIMEOUT_MS, encoding: "latin1" }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? "ETIMEDOUT"), stdout, stderr }),
    );
    child.stdin?.on("error", () => undefined); // what it did not read it does not need: its status counts
    child.stdin?.end(input);
  });
}

/** munge's statuses are its error numbers. */
const FAULTS: ReadonlyMap<number | string, string> = new Map([
  [6, "cannot reach munged"],
  [8, "takes it for no credential"],
  [14, "takes it for no credential of its own realm"],
  [15, "says that the credential has expired"],
  [16, "says that the credential comes from the future"],
  [17, "says that the credential was used before"],
  [18, "says that the credential is for someone else"],
]);

function faultOf(code: number | string, stderr: string): string {
  const known = FAULTS.get(code);
  if (known !== undefined) return known;
  if (typeof code === "string") return `cannot be run (${strerror(code)})`;
  return `fails: ${stderr.trim().replace(/^\w+: Error: /, "")}`;
}
