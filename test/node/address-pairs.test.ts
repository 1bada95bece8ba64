import { describe, expect, test } from "vitest";
import { isAdmitted, parseAddressPairs, parsePairsFile } from "../../src/node/address-pairs.js";

const rules = { allowEveryone: false };

function admits(words: readonly string[], address: string): boolean {
  const pairs = parseAddressPairs(words, rules);
  if (!pairs.ok) throw new Error(pairs.error);
  return isAdmitted(address, pairs.value);
}

test("this machine is always admitted, and nobody else unless a pair says so", () => {
  const addresses = ["127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "fe80::1", "unknown", ""];
  expect(addresses.filter((address) => admits([], address))).toEqual(["127.0.0.1", "127.9.9.9", "::1"]);
});

test("a pair admits exactly the addresses that agree with it where the mask has ones", () => {
  const pair = ["192.168.4.17", "255.255.252.0"];
  const addresses = ["192.168.3.255", "192.168.4.0", "192.168.7.255", "192.168.8.0", "192.169.4.17"];
  expect(addresses.filter((address) => admits(pair, address))).toEqual(["192.168.4.0", "192.168.7.255"]);
  expect(admits(["224.0.0.0", "255.0.0.0"], "224.1.2.3")).toBe(true);
  expect(admits(["1.2.3.4", "255.255.255.255", "5.6.7.8", "255.255.255.255"], "5.6.7.8")).toBe(true);
});

describe("pairs that are refused", () => {
  test.each([
    [["10.0.0.0"], "the address 10.0.0.0 has no mask"],
    [["1.2.3", "255.0.0.0"], "'1.2.3' is not an IPv4 address"],
    [["1.2.3.256", "255.0.0.0"], "'1.2.3.256' is not an IPv4 address"],
    [["1.2.3.04", "255.0.0.0"], "'1.2.3.04' is not an IPv4 address"],
    [["1.2.3.0x4", "255.0.0.0"], "'1.2.3.0x4' is not an IPv4 address"],
    [["1.2.3.-4", "255.0.0.0"], "'1.2.3.-4' is not an IPv4 address"],
    [["", "255.0.0.0"], "'' is not an IPv4 address"],
    [["::1", "255.0.0.0"], "'::1' is not an IPv4 address"],
    [["10.0.0.0", "255.0.255.0"], "'255.0.255.0' is not a network mask"],
    [["10.0.0.0", "0.0.0.255"], "'0.0.0.255' is not a network mask"],
    [["10.0.0.0", "8"], "'8' is not a network mask"],
    [["10.0.0.0", "255.0.0.0", "11.0.0.0"], "the address 11.0.0.0 has no mask"],
    [["0.0.0.0", "0.0.0.0"], "the mask 0.0.0.0 admits every address; say --any-address if that is meant"],
  ])("%j", (words, error) => {
    expect(parseAddressPairs(words, rules)).toEqual({ ok: false, error });
  });
});

test("the mask 0.0.0.0 admits everyone when that is meant", () => {
  const pairs = parseAddressPairs(["0.0.0.0", "0.0.0.0"], { allowEveryone: true });
  expect(pairs.ok && isAdmitted("8.8.8.8", pairs.value)).toBe(true);
});

test("a file of pairs has one a line", () => {
  const text = "# the lab\n10.0.0.0 255.0.0.0\n\n\t192.168.4.0 255.255.255.0 # upstairs\n";
  expect(parsePairsFile(text, rules)).toEqual({
    ok: true,
    value: [
      { address: 0x0a00_0000, mask: 0xff00_0000 },
      { address: 0xc0a8_0400, mask: 0xffff_ff00 },
    ],
  });
});

test.each([
  ["10.0.0.0", "line 1: the address 10.0.0.0 has no mask"],
  ["\n10.0.0.0 255.0.0.0 11.0.0.0 255.0.0.0", "line 2: more than one pair"],
  ["0.0.0.0 0.0.0.0", "line 1: the mask 0.0.0.0 admits every address; say --any-address if that is meant"],
  ["10.0.0.0 255.0.0.0\r", "line 1: '255.0.0.0\r' is not a network mask"],
  [" ".repeat(70_000), "is too long"],
])("a file of pairs with a mistake in it is none: %j", (text, error) => {
  expect(parsePairsFile(text, rules)).toEqual({ ok: false, error });
});
