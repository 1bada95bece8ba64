/** What a job's descriptors are: the kinds that can be told apart by a program, as plain data. */

/** One of 0, 1, 2, and what it is on the client and is to be on the node. */
export type RequestedDescriptor = { readonly fd: number } & DescriptorKind;

export type DescriptorKind =
  | { readonly kind: "closed" }
  /** A device of that name that every machine has, such as /dev/null. */
  | { readonly kind: "device"; readonly path: string; readonly mode: OpenMode }
  | { readonly kind: "pipe" }
  /** A file that both sides see, open for reading. */
  | ({ readonly kind: "file"; readonly offset: number } & FileIdentity)
  | { readonly kind: "socket" }
  /** The job's terminal; see `Terminal`. */
  | { readonly kind: "terminal" }
  /** The same open file as a descriptor with a lower number. */
  | { readonly kind: "same"; readonly as: number };

export type OpenMode = "read" | "write" | "both";

/** A descriptor above 2 that the client has and the node is to give to the program under the same number. */
export type FurtherDescriptor = { readonly fd: number } & FurtherKind;

export type FurtherKind =
  | Extract<DescriptorKind, { readonly kind: "device" | "socket" | "terminal" | "same" }>
  /** `read`: the program reads what the client sends; `write`: the client gets what it writes. */
  | { readonly kind: "pipe"; readonly mode: "read" | "write" }
  /** A file that both sides see; `both`: it is written there, too. */
  | ({ readonly kind: "file"; readonly mode: "read" | "both"; readonly offset: number } & FileIdentity);

/** Which ways bytes of a further descriptor go between client and node. */
export function waysOf(further: FurtherKind): { readonly toNode: boolean; readonly toClient: boolean } {
  const isSocket = further.kind === "socket";
  const mode = further.kind === "pipe" ? further.mode : undefined;
  return { toNode: isSocket || mode === "read", toClient: isSocket || mode === "write" };
}

/** By which a node knows that it has opened the file that the client means. */
export interface FileIdentity {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** A terminal as the client has it. */
export interface Terminal {
  readonly rows: number;
  readonly columns: number;
  /** `c_iflag`, `c_oflag`, `c_cflag`, `c_lflag` of termios(3). */
  readonly flags: readonly [input: number, output: number, control: number, local: number];
  /** `c_cc`, one char each; at most 32. */
  readonly characters: string;
}
