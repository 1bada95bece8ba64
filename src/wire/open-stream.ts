/** What one side keeps of a stream that is open: a job, a question, or a make. */

import { ReceiveCredit, SendCredit } from "./credit.js";
import { DescriptorChannels } from "./descriptor-channel.js";
import { JobJoins } from "./job-joins.js";
import { STREAM_WINDOW_BYTES } from "./limits.js";
import type { RunRequest } from "./message.js";
import type { Role, StreamPhase } from "./phase.js";
import { SlotLeases } from "./slot-leases.js";

export interface OpenStream {
  phase: StreamPhase;
  readonly sending: SendCredit;
  readonly receiving: ReceiveCredit;
  /** By number. */
  further: DescriptorChannels;
  slots: SlotLeases;
  joins: JobJoins;
  /** Of a make: its job's stream. */
  job: number | undefined;
}

const NO_CHANNELS = new DescriptorChannels([], "client");
const NO_SLOTS = new SlotLeases(false);
const NO_JOINS = new JobJoins(false);

export function openStream(phase: StreamPhase): OpenStream {
  return {
    phase,
    sending: new SendCredit(STREAM_WINDOW_BYTES),
    receiving: new ReceiveCredit(STREAM_WINDOW_BYTES),
    further: NO_CHANNELS,
    slots: NO_SLOTS,
    joins: NO_JOINS,
    job: undefined,
  };
}

/** What may be said of a job goes by what was asked for. */
export function entitle(open: OpenStream, { further, sharesSlots, takesMakes }: RunRequest, role: Role): void {
  open.further = new DescriptorChannels(further, role);
  if (sharesSlots === true) open.slots = new SlotLeases(true);
  if (takesMakes === true) open.joins = new JobJoins(true);
}
