/** The text of key files: the two halves of a key pair, as `ckeygen` writes them and every tool reads them. */

import { fail, ok, type Result } from "../base/result.js";
import { crc32 } from "./crc32.js";

/** NAME: what a worker holds. Whoever has it can make the other half too. */
export interface WorkerKeyFile {
  readonly kind: "worker";
  /** All else follows from it. */
  readonly seed: Uint8Array;
  /** PKCS #8. */
  readonly privateKey: Uint8Array;
  readonly workerCertificate: Uint8Array;
  readonly clientCertificate: Uint8Array;
}

/** NAME.pub: what a client holds. A capability, for all that its name says: whoever has it can run jobs. */
export interface ClientKeyFile {
  readonly kind: "client";
  /** PKCS #8. */
  readonly privateKey: Uint8Array;
  readonly workerCertificate: Uint8Array;
  readonly clientCertificate: Uint8Array;
  /** Proves that an announcement comes from a holder of this file. */
  readonly announceKey: Uint8Array;
}

/** NAME.relay: what hands announcements on between networks, and can neither make nor answer any. */
export interface RelayKeyFile {
  readonly kind: "relay";
  /** Names the application in each datagram. */
  readonly application: Uint8Array;
  /** Proves that a datagram was handed on by a holder of this file. */
  readonly relayKey: Uint8Array;
}

export type KeyFile = WorkerKeyFile | ClientKeyFile | RelayKeyFile;

/** No key file is longer. */
export const MAX_KEY_FILE_BYTES = 16_384;

const HEADINGS = {
  worker: "mpmake worker key, format 1: secret",
  client: "mpmake client key, format 1: secret",
  relay: "mpmake relay key, format 1: secret",
} as const;

const FIELDS = {
  worker: ["seed", "private-key", "worker-certificate", "client-certificate"],
  client: ["private-key", "worker-certificate", "client-certificate", "announce-key"],
  relay: ["application", "relay-key"],
} as const;

const KINDS = ["worker", "client", "relay"] as const;

type FieldName = (typeof FIELDS)[KeyFile["kind"]][number];

/** The whole file: heading, fields in hexadecimal, checksum. */
export function formatKeyFile(key: KeyFile): string {
  const fields = fieldsOf(key).map(([name, bytes]) => `${name} ${hex(bytes)}\n`);
  const text = `${HEADINGS[key.kind]}\n${fields.join("")}`;
  return `${text}checksum ${crc32(text)}\n`;
}

/** Reads a key file's text (a byte string). The failure is a phrase that fits behind `FILE: `. */
export function parseKeyFile(text: string): Result<KeyFile, string> {
  if (text === "") return fail("is empty");
  if (text.length > MAX_KEY_FILE_BYTES) return fail("is too long for a key file");
  const lines = text.split("\n");
  const kind = kindOf(lines[0] ?? "");
  if (kind === undefined) return fail(headingFault(lines[0] ?? ""));
  const body = lines.slice(0, -2).join("\n") + "\n";
  if (lines.at(-1) !== "" || lines.at(-2) !== `checksum ${crc32(body)}`)
    return fail("is damaged: its checksum is wrong or missing");
  const fields = parseFields(lines.slice(1, -2), FIELDS[kind]);
  return fields === undefined ? fail("is damaged: its fields are not those of a key") : ok(keyOf(kind, fields));
}

function kindOf(heading: string): KeyFile["kind"] | undefined {
  return KINDS.find((kind) => heading === HEADINGS[kind]);
}

function headingFault(heading: string): string {
  if (!heading.startsWith("mpmake ")) return "is not a key file";
  return heading.endsWith("\r")
    ? "has carriage returns; copy it as it was made"
    : "has a format that is not known here";
}

function parseFields(
  lines: readonly string[],
  names: readonly FieldName[],
): ReadonlyMap<FieldName, Uint8Array> | undefined {
  if (lines.length !== names.length) return undefined;
  const fields = new Map<FieldName, Uint8Array>();
  for (const [i, name] of names.entries()) {
    const line = lines[i] ?? "";
    const bytes = line.startsWith(`${name} `) ? unhex(line.slice(name.length + 1)) : undefined;
    if (bytes === undefined) return undefined;
    fields.set(name, bytes);
  }
  return fields;
}

function keyOf(kind: KeyFile["kind"], fields: ReadonlyMap<FieldName, Uint8Array>): KeyFile {
  const field = (name: FieldName): Uint8Array => fields.get(name) ?? new Uint8Array(0);
  if (kind === "relay") return { kind, application: field("application"), relayKey: field("relay-key") };
  const common = {
    privateKey: field("private-key"),
    workerCertificate: field("worker-certificate"),
    clientCertificate: field("client-certificate"),
  };
  return kind === "worker"
    ? { kind, seed: field("seed"), ...common }
    : { kind, ...common, announceKey: field("announce-key") };
}

/** In the order of `FIELDS`. */
function fieldsOf(key: KeyFile): readonly (readonly [FieldName, Uint8Array])[] {
  if (key.kind === "relay")
    return [
      ["application", key.application],
      ["relay-key", key.relayKey],
    ];
  const common = [
    ["private-key", key.privateKey],
    ["worker-certificate", key.workerCertificate],
    ["client-certificate", key.clientCertificate],
  ] as const;
  return key.kind === "worker" ? [["seed", key.seed], ...common] : [...common, ["announce-key", key.announceKey]];
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unhex(text: string): Uint8Array | undefined {
  if (text.length === 0 || text.length % 2 !== 0 || !/^[0-9a-f]+$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
