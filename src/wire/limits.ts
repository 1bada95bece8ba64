/** Every limit of the protocol, in one place; docs/protocol.md, "Limits", repeats them. */

/** The protocol spoken; also the number in the ALPN name. */
export const VERSION = 1;
export const ALPN = "mpmake/1";

/** Length, type and stream. */
export const HEADER_BYTES = 8;
/** A frame's payload. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** One piece of output or input as we send it; a receiver takes whole frames. */
export const DATA_PIECE_BYTES = 64 * 1024;
/** A request to run, all its frames together. */
export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
/** The files that a request needs to be seen, all their frames together. */
export const MAX_NEEDS_BYTES = 8 * 1024 * 1024;

/** Output or input of one job that may be under way without having been taken by the other side. */
export const STREAM_WINDOW_BYTES = 256 * 1024;
/** The same, of all jobs of a connection together. */
export const CONNECTION_WINDOW_BYTES = 8 * 1024 * 1024;
/** What waits in a node for its client to read it, data and all else: then the client is sent away. */
export const MAX_UNREAD_BYTES = 2 * CONNECTION_WINDOW_BYTES;

/** The same as a stream's, of one descriptor above 2 and one direction; all that a job may have of them fit in half a connection's window. */
export const DESCRIPTOR_WINDOW_BYTES = 128 * 1024;
/** Descriptors above 2 that a job may have, and their largest number. */
export const MAX_FURTHER_DESCRIPTORS = 32;
export const MAX_DESCRIPTOR = 255;
/** Further slots that one job may have: their tokens fit into a FIFO of any system. */
export const MAX_LEASES = 1024;

/** Makes of one job that may ask to be taken into the client's process: in all, and such as have not ended, or not been answered. */
export const MAX_JOINS = 1024;
export const MAX_JOINS_AT_ONCE = 16;

/** Jobs and proofs of one connection at once; a node refuses what goes beyond. */
export const MAX_OPEN_STREAMS = 1024;
export const MAX_STREAM_ID = 0xff_ffff;

/** Names of nodes, users, errors. */
export const MAX_NAME_BYTES = 255;
export const MAX_MUNGE_BYTES = 700;
export const MAX_PATH_BYTES = 4096;
/** Reasons and explanations. */
export const MAX_TEXT_BYTES = 4096;
/** What ENVSETTER printed. */
export const MAX_NOTE_BYTES = 64 * 1024;
/** One string of an environment or an argument list, as Linux limits it. */
export const MAX_STRING_BYTES = 128 * 1024;
/** One recipe line; with `.ONESHELL` they add up. */
export const MAX_LINE_BYTES = 2 * 1024 * 1024;
export const MAX_LINES = 65_536;
export const MAX_STRINGS = 16_384;
export const MAX_ARGUMENTS = 1024 * 1024;
export const MAX_NONCE_BYTES = 64;

/** PING goes out this often while jobs run. */
export const PING_EVERY_MS = 1000;
/** A node that was silent for so long while we could have heard it is lost. */
export const NODE_SILENCE_MS = 3500;
/**
 * A client that was silent for so long is gone. Longer than a node's, because a client cannot answer while its makefile's
 * `$(shell …)` runs; one that ends or is killed is noticed at once, by its socket.
 */
export const CLIENT_SILENCE_MS = 15_000;
/** What is left of a job so long after it was cancelled is killed. */
export const GRACE_MS = 2000;
/** By then a node that noticed the end of its connection has nothing left of its jobs. */
export const FENCE_AFTER_END_MS = GRACE_MS + 1000;
/** By then so has one that hears nothing and cannot be heard, counted from our giving up. */
export const FENCE_AFTER_SILENCE_MS = CLIENT_SILENCE_MS + FENCE_AFTER_END_MS;
/** From accepting to the end of HELLO. */
export const HELLO_WITHIN_MS = 10_000;
