import { expect, test } from "vitest";
import { restoreEnvironment } from "../../src/os/environment.js";
import { isInMask, parseSignalMask } from "../../src/os/signals.js";
import { strerror } from "../../src/os/strerror.js";
import { signalText } from "../../src/exec/report.js";

test("recipes see the environment as it was before the launcher", () => {
  const entries = ["A=1", "MPMAKE_HIDDEN_NODE_OPTIONS=--x", "MPMAKE_SIGIGN=1", "MPMAKE_ARGV0=make", "B=2", "odd"];
  expect(restoreEnvironment(entries)).toEqual(["A=1", "NODE_OPTIONS=--x", "B=2", "odd"]);
  for (const [name, ours, theirs] of [
    ["MALLOC_ARENA_MAX", "1", "4"],
    ["SSL_CERT_FILE", "/dev/null", "/etc/ssl/cert.pem"],
  ]) {
    const both = ["MPMAKE_ARGV0=make", `${name}=${ours}`, `MPMAKE_HIDDEN_${name}=${theirs}`];
    expect(restoreEnvironment(both)).toEqual([`${name}=${theirs}`]);
    expect(restoreEnvironment(both.slice(0, 2))).toEqual([]);
    expect(restoreEnvironment([`${name}=${theirs}`])).toEqual([`${name}=${theirs}`]); // started without a launcher
  }
});

test("a mask of signals counts from one", () => {
  const mask = parseSignalMask("0000000000001001");
  expect([1, 2, 13].map((signal) => isInMask(mask, signal))).toEqual([true, false, true]);
  expect(["", "x", undefined, "fffffffffffffffff".repeat(9)].map(parseSignalMask)).toEqual([0n, 0n, 0n, 0n]);
});

test("errors and signals are called as the C library calls them", () => {
  expect([strerror("ENOENT"), strerror("EWHATEVER"), signalText(15), signalText(99)]).toEqual([
    "No such file or directory",
    "EWHATEVER",
    "Terminated",
    "Unknown signal 99",
  ]);
});
