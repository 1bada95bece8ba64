/** Streams of makes that run in the client, and of the jobs whose makes they are: how the one opens and ends with the other. */

import type { MessageOf } from "./message.js";
import type { OpenStream } from "./open-stream.js";
import { WireError } from "./wire-error.js";

type Streams = Map<number, OpenStream>;

/** A make of the job is about to ask. @returns whether it may */
export function askForMake(streams: Streams, message: MessageOf<"join">): boolean {
  const joins = streams.get(message.stream)?.joins;
  if (joins?.hasRoom !== true) return false;
  joins.received(message);
  return true;
}

/** A make is about to be told that it is not taken in. @returns whether it still asks */
export function refuseMake(streams: Streams, message: MessageOf<"join-refused">): boolean {
  const joins = streams.get(message.stream)?.joins;
  joins?.received(message);
  return joins !== undefined;
}

/** A make that has asked gets a stream of its own. @throws WireError for one that has not */
export function takeMake(streams: Streams, { stream, job, join }: MessageOf<"joined">): void {
  const joins = streams.get(job)?.joins;
  if (joins === undefined) throw new WireError("a make of no job");
  joins.take(join, stream);
}

/** A make has ended. @returns whether anybody wants to know */
export function endMake(streams: Streams, stream: number): boolean {
  const job = streams.get(stream)?.job;
  const joins = job === undefined ? undefined : streams.get(job)?.joins;
  joins?.end(stream);
  return joins !== undefined;
}

/** A job has ended. With it go the streams of its makes, on which something may have been on its way. @throws WireError */
export function endJob(streams: Streams, stream: number): void {
  const joins = streams.get(stream)?.joins;
  if (joins?.isOver === false) throw new WireError("the end of a job before that of its makes");
  for (const make of joins?.ended ?? []) streams.delete(make);
  streams.delete(stream);
}
