/** Two connected sockets without a name. */

import { HostError } from "../makefile/host.js";
import { INT_BYTES, nativeLibrary } from "./native.js";
import { errnoName, strerror } from "./strerror.js";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;

/** Both closed on exec. @throws HostError, also where there is no koffi */
export function openSocketPair(): { readonly ours: number; readonly theirs: number } {
  const library = nativeLibrary();
  const fds = Buffer.alloc(2 * INT_BYTES);
  if (library?.calls.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) === 0)
    return { ours: fds.readInt32LE(0), theirs: fds.readInt32LE(INT_BYTES) };
  const errno = library === undefined ? "ENOSYS" : errnoName(library.errno());
  throw new HostError(errno, "socketpair", strerror(errno));
}
