/** The one thing that may be wrong with what the other side sent. */

/** Thrown by the parsers of this room and caught by `Endpoint`, which ends the connection with its message. */
export class WireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WireError";
  }
}
