/** Which message may come when: one table for the connection, one for a stream. */

import type { MessageType } from "./message.js";

/** Who we are. A client asks, a node runs. */
export type Role = "client" | "node";

/**
 * The life of a connection, seen by the side that receives:
 *
 *     node:    awaiting-hello ── hello ──▶ node-open ── bye or fault ──▶ over
 *     client:  awaiting-ack ── hello-ack ─▶ client-open ── bye or fault ─▶ over
 */
export type Phase = "awaiting-hello" | "node-open" | "awaiting-ack" | "client-open" | "over";

/** Of descriptors above 2, from either side; each of them has phases of its own: descriptor-channel.ts. */
const OF_A_DESCRIPTOR = ["fd-data", "fd-end", "fd-unread", "fd-credit"] as const;
/** What a node says of a job. */
const FROM_A_JOB = [
  ...([
    "line",
    "stdout",
    "stderr",
    "terminal",
    "written",
    "input-unread",
    "input-offset",
    "line-failed",
    "note",
    "swept",
    "slot-wanted",
    "slot-back",
    "join",
  ] as const),
  ...(["exit", "refuse"] as const),
  ...OF_A_DESCRIPTOR,
] as const;
const TO_A_JOB = [
  "credit",
  "cancel",
  "signal",
  "resize",
  "unread",
  "slot",
  "join-refused",
  ...OF_A_DESCRIPTOR,
] as const;
/** What is said of a make that is a part of the client: to it, and by it. */
const TO_A_MAKE = ["credit", "cancel", "signal", "unread"] as const;
const FROM_A_MAKE = ["stdout", "stderr", "made"] as const;
const ALIKE = ["ping", "pong", "credit", "bye"] as const;

/** The messages each phase accepts; any other ends the connection. See docs/protocol.md, "Phases". */
const ACCEPTS = {
  "awaiting-hello": ["hello", "bye"],
  "node-open": [
    ...ALIKE,
    ...([
      "need",
      "run-part",
      "run",
      "stdin",
      "stdin-end",
      "cancel",
      "signal",
      "resize",
      "unread",
      "slot",
      "prove",
      "prove-end",
      "join-refused",
      "joined",
    ] as const),
    ...FROM_A_MAKE,
    ...OF_A_DESCRIPTOR,
  ],
  "awaiting-ack": ["hello-ack", "bye"],
  "client-open": [...ALIKE, ...FROM_A_JOB, "proof", ...TO_A_MAKE],
  over: [],
} as const satisfies Record<Phase, readonly MessageType[]>;

/**
 * The life of a stream, seen by the side that receives:
 *
 *     node:    new ── need, run-part ─▶ requesting ── run ──▶ fed-job ── stdin-end ─▶ job ── we send exit ─▶ node-ended
 *              new ── prove ──▶ node-proof ── prove-end ─▶ node-ended
 *              new ── joined ─▶ node-make ── made ─▶ node-ended
 *     client:  ── we send run ──▶ answer ── exit or refuse ──▶ client-ended
 *              ── we send prove ─▶ client-proof ── proof ──▶ client-ended
 *              ── we send joined ─▶ client-make ── its job's exit ──▶ client-ended
 *
 * A job without input starts as `job`. What crosses our `exit`, or our `made`, on its way is accepted and means nothing.
 */
export type StreamPhase =
  | ("new" | "requesting" | "fed-job" | "job" | "node-proof" | "node-make" | "node-ended")
  | ("answer" | "client-proof" | "client-make" | "client-ended");

/** The same for messages on a stream other than 0. */
const STREAM_ACCEPTS = {
  new: ["need", "run-part", "run", "prove", "joined"],
  requesting: ["need", "run-part", "run"],
  "fed-job": ["stdin", "stdin-end", ...TO_A_JOB],
  job: TO_A_JOB,
  "node-proof": ["prove-end"],
  "node-make": FROM_A_MAKE,
  "node-ended": ["stdin", "stdin-end", ...TO_A_JOB, "prove-end"],
  answer: [...FROM_A_JOB, "credit"],
  "client-proof": ["proof"],
  "client-make": TO_A_MAKE,
  "client-ended": [],
} as const satisfies Record<StreamPhase, readonly MessageType[]>;

/** Messages that speak of the connection: on stream 0, and credit on any. */
export const ON_CONNECTION: readonly MessageType[] = ["hello", "hello-ack", "ping", "pong", "bye", "credit"];

export function accepts(phase: Phase, type: MessageType): boolean {
  return (ACCEPTS[phase] as readonly MessageType[]).includes(type);
}

export function streamAccepts(phase: StreamPhase, type: MessageType): boolean {
  return (STREAM_ACCEPTS[phase] as readonly MessageType[]).includes(type);
}
