/** Reaching a node of a standing cluster: at any of the addresses that it has said, and only if it is that node who answers. */

import { setTimeout as pause } from "node:timers/promises";
import { printable } from "../base/printable.js";
import { fail, ok, type Result } from "../base/result.js";
import { connectNode, type GreetRequest } from "../net/connect.js";
import type { NodeConnection } from "../net/node-connection.js";
import { formatEndpoint, type StandingAddress } from "../placement/node-directory.js";
import type { LeftOut } from "./cluster-link.js";

/** An address that has not answered by then may be of a network that we are not on: the next one is tried beside it. */
const NEXT_AFTER_MS = 250;

type Answer = Result<NodeConnection, string>;

/**
 * Tries all addresses, each a while after the one before or as soon as that has failed; the first that answers is used. Whatever is
 * wrong may be of a record that is not true any more: so the node is never more than unreachable.
 */
export async function connectStanding(
  address: StandingAddress,
  request: GreetRequest,
): Promise<Result<NodeConnection, LeftOut>> {
  const attempts: Promise<Answer>[] = [];
  for (const host of address.hosts) {
    attempts.push(answerAt(host, { address, request }));
    const first = await Promise.race([firstGood(attempts), pause(NEXT_AFTER_MS, undefined, { ref: false })]);
    if (first?.ok === true) return used(first.value, attempts);
  }
  const first = await firstGood(attempts);
  if (first.ok) return used(first.value, attempts);
  const { hosts, port } = address;
  const more = hosts.length === 1 ? "" : ` and ${String(hosts.length - 1)} more of its addresses`;
  return fail({ kind: "unreachable", reason: `${first.error} (${formatEndpoint(hosts[0] ?? "", port)}${more})` });
}

async function answerAt(
  host: string,
  { address, request }: { readonly address: StandingAddress; readonly request: GreetRequest },
): Promise<Answer> {
  const connected = await connectNode({ ...request, host, port: address.port });
  if (!connected.ok) return fail(connected.error.text);
  const { name } = connected.value.node;
  if (name === address.node) return connected;
  void connected.value.close(); // nobody waits for it
  return fail(`another node answers there, ${printable(name)}`);
}

/** The first that is good, or when all have failed what the first one failed of. */
function firstGood(attempts: readonly Promise<Answer>[]): Promise<Answer> {
  return new Promise((resolve) => {
    const all = attempts.map(async (attempt) => {
      const answer = await attempt;
      if (answer.ok) resolve(answer);
      return answer;
    });
    void Promise.all(all).then(([first]) => resolve(first ?? fail("it has said no address"))); // none rejects
  });
}

/** Those that answer besides are not wanted. */
function used(connection: NodeConnection, attempts: readonly Promise<Answer>[]): Result<NodeConnection, LeftOut> {
  for (const attempt of attempts)
    void attempt.then((answer) => {
      if (answer.ok && answer.value !== connection) void answer.value.close(); // nobody waits for it
    });
  return ok(connection);
}
