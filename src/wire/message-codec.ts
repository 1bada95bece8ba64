/** How a message that is not plain bytes becomes some, and is made of some. */

import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import type { Delivery } from "./frame.js";
import type { MessageOf, MessageType } from "./message.js";

/** One message's form. `write` and `read` speak of the payload; type and stream are in the frame's header. */
export interface Codec<Type extends MessageType> {
  readonly code: number;
  /** Largest payload. */
  readonly maxBytes: number;
  readonly delivery: Delivery;
  readonly write: (writer: ByteWriter, message: MessageOf<Type>) => void;
  /** @throws WireError */
  readonly read: (reader: ByteReader, stream: number) => MessageOf<Type>;
}
