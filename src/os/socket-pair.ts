/** Two connected sockets without a name. */

import { HostError } from "../makefile/host.js";
import { INT_BYTES, type NativeLibrary, nativeLibrary } from "./native.js";
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

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ACCEPTCONN = 30;

/** Whether bytes can be read from and written to a socket of ours, one after the other; where there is no koffi, any may be such. */
export function isStreamSocket(fd: number): boolean {
  const library = nativeLibrary();
  return (
    library === undefined || (option(library, fd, SO_TYPE) === SOCK_STREAM && option(library, fd, SO_ACCEPTCONN) === 0)
  );
}

function option({ calls }: NativeLibrary, fd: number, name: number): number | undefined {
  const [value, length] = [Buffer.alloc(INT_BYTES), Buffer.alloc(INT_BYTES)];
  length.writeInt32LE(INT_BYTES);
  return calls.getsockopt(fd, SOL_SOCKET, name, value, length) === 0 ? value.readInt32LE(0) : undefined;
}

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** Whether nobody at the other end of a socket without a name reads it any more, or we have said that we write no more. */
export function isUnread(fd: number): boolean {
  return (nativeLibrary()?.calls.send(fd, Buffer.alloc(0), 0, MSG_DONTWAIT | MSG_NOSIGNAL) ?? 0) < 0;
}
