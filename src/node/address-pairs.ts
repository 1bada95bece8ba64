/** Which addresses a worker listens to at all: `ADDRESS MASK` pairs, as in the tool's model; loopback always. */

import { fail, ok, type Result } from "../base/result.js";

/** IPv4 as one number. */
export interface AddressPair {
  readonly address: number;
  readonly mask: number;
}

export interface PairRules {
  /** Whether the mask 0.0.0.0, which admits everyone, is meant. */
  readonly allowEveryone: boolean;
}

/** Reads the words of a command line. The failure names the word. */
export function parseAddressPairs(words: readonly string[], rules: PairRules): Result<readonly AddressPair[], string> {
  const pairs: AddressPair[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const pair = parsePair(words[i] ?? "", words[i + 1], rules);
    if (!pair.ok) return pair;
    pairs.push(pair.value);
  }
  return ok(pairs);
}

function parsePair(addressWord: string, maskWord: string | undefined, rules: PairRules): Result<AddressPair, string> {
  const address = parseIpv4(addressWord);
  if (address === undefined) return fail(`'${addressWord}' is not an IPv4 address`);
  if (maskWord === undefined) return fail(`the address ${addressWord} has no mask`);
  const mask = parseIpv4(maskWord);
  if (mask === undefined || !isContiguous(mask)) return fail(`'${maskWord}' is not a network mask`);
  if (mask === 0 && !rules.allowEveryone)
    return fail(`the mask ${maskWord} admits every address; say --any-address if that is meant`);
  return ok({ address, mask });
}

/** Whether an address, as the system writes it, is admitted. */
export function isAdmitted(address: string, pairs: readonly AddressPair[]): boolean {
  if (address === "::1") return true;
  const peer = parseIpv4(address);
  return peer !== undefined && (isLoopback(peer) || isAmong(address, pairs));
}

/** Whether a pair says so, of this machine's own addresses too. */
export function isAmong(address: string, pairs: readonly AddressPair[]): boolean {
  const peer = parseIpv4(address);
  return peer !== undefined && pairs.some((pair) => ((peer ^ pair.address) & pair.mask) === 0);
}

/** No file of pairs is longer. */
export const MAX_PAIRS_BYTES = 1 << 16;

/** Reads a file of pairs: `ADDRESS MASK` a line; `#` begins a remark. The failure names the line. */
export function parsePairsFile(text: string, rules: PairRules): Result<readonly AddressPair[], string> {
  if (text.length > MAX_PAIRS_BYTES) return fail("is too long");
  const pairs: AddressPair[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const words = line
      .replace(/#.*/, "")
      .split(/[ \t]+/)
      .filter((word) => word !== "");
    const found = parseAddressPairs(words, rules);
    const fault = !found.ok ? found.error : found.value.length > 1 ? "more than one pair" : undefined;
    if (!found.ok || fault !== undefined) return fail(`line ${String(index + 1)}: ${fault ?? ""}`);
    pairs.push(...found.value);
  }
  return ok(pairs);
}

function isLoopback(address: number): boolean {
  return address >>> 24 === 127;
}

/** Four decimal numbers, and nothing that other programs would take as octal. */
function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((number, part) => ((number << 8) | Number(part)) >>> 0, 0);
}

/** All ones stand before all zeros. */
function isContiguous(mask: number): boolean {
  const zeros = ~mask >>> 0;
  return (zeros & (zeros + 1)) === 0;
}
