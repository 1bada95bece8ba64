/** Opening by name what is a descriptor of the client's: devices that every machine has, and files that both sides see. */

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { toPath } from "../os/bytes.js";
import { seek } from "../os/file-offset.js";
import { errnoOf, strerror } from "../os/strerror.js";
import type { FileIdentity, OpenMode } from "../wire/descriptor.js";

/** A kind of descriptor that cannot be had here: the client is to ask for another. */
export class DescriptorFault extends Error {
  readonly errno: string;

  constructor(errno: string, message: string) {
    super(message);
    this.errno = errno;
  }
}

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  write: constants.O_WRONLY,
  both: constants.O_RDWR,
};

/** @throws DescriptorFault */
export function openDevice(path: string, mode: OpenMode): number {
  const fd = openHere(path, FLAGS[mode] | constants.O_NOCTTY);
  if (fstatSync(fd).isCharacterDevice()) return fd;
  closeSync(fd);
  throw new DescriptorFault("ENODEV", `has no device ${path}`);
}

/** The file that the client means, at the client's offset. @throws DescriptorFault when this is another one */
export function openFile(
  { path, sizeBytes, mtimeNs, ino }: FileIdentity,
  { offset, mode }: { readonly offset: number; readonly mode: OpenMode },
): number {
  const fd = openHere(path, FLAGS[mode] | constants.O_NONBLOCK);
  const stat = fstatSync(fd, { bigint: true });
  const isSame = stat.ino === ino && stat.mtimeNs === mtimeNs && Number(stat.size) === sizeBytes && stat.isFile();
  if (isSame && seek(fd, offset)) return fd;
  closeSync(fd);
  throw new DescriptorFault("ESTALE", `sees another file at ${path}`);
}

function openHere(path: string, flags: number): number {
  try {
    return openSync(toPath(path), flags);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    throw new DescriptorFault(errno, `cannot open ${path} (${strerror(errno)})`);
  }
}
