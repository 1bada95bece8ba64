/** `GROUP`: where announcements go, and where workers listen for them. */

import { parseCommaList } from "../base/comma-list.js";
import { fail, ok, type Result } from "../base/result.js";

/** As in the tool's model. */
const GROUP_PORT = 3010;
const BROADCAST = "255.255.255.255";

/** One place of a group. What the address means (one machine, many, all of a network) is for the system to say. */
export interface GroupAddress {
  readonly address: string;
  readonly port: number;
  /** The interface that it goes through; all that can reach it unless given. */
  readonly device: string | undefined;
}

/**
 * Reads a list of `[DEVICE:]ADDRESS[:PORT]`, IPv6 addresses in brackets, with blanks or commas between them. An empty one means
 * every machine of the networks that we are in. The failure names the word.
 *
 * @param isAddress - whether a text is an address
 */
export function parseGroup(
  text: string,
  isAddress: (text: string) => boolean,
): Result<readonly GroupAddress[], string> {
  const words = parseCommaList(text);
  if (words === undefined) return fail(`'${text}' has nothing where an address should be`);
  if (words.length === 0) return ok([{ address: BROADCAST, port: GROUP_PORT, device: undefined }]);
  const group: GroupAddress[] = [];
  for (const word of words) {
    const one = parseOne(word, isAddress);
    if (one === undefined) return fail(`'${word}' is not [DEVICE:]ADDRESS[:PORT]`);
    group.push(one);
  }
  return ok(group);
}

function parseOne(word: string, isAddress: (text: string) => boolean): GroupAddress | undefined {
  const [, device, bracketed, plain, digits] =
    /^(?:([A-Za-z][\w.-]*):)?(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/.exec(word) ?? [];
  const address = bracketed ?? plain;
  const port = digits === undefined ? GROUP_PORT : Number(digits);
  if (address === undefined || !isAddress(address) || port < 1 || port > 65_535) return undefined;
  return { address, port, device };
}
