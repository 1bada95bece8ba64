/**
 * Feeds the decoders of the wire changed samples, and keeps those that bring about something new as samples. What `npm run fuzz:wire`
 * runs; see there.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { mutated, mutations } from "./mutation.js";
import { type Sample, type Target, TARGETS } from "./targets.js";

/** Inputs between two looks at the clock and at memory. */
const BATCH = 10_000;
/** No input may take longer; the machine's own pauses are within. */
const MAX_MS = 2000;
/** What is held once samples have gathered may grow by no more. */
const MAX_GROWTH_BYTES = 32 * 1024 * 1024;
const MAX_SAMPLES = 5000;
const MAX_NEW_SAMPLE_BYTES = 2048;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

class Fuzzer {
  readonly target: Target<unknown>;
  readonly outcomes = new Set<string>();
  slowestMs = 0;
  readonly #samples: Sample<unknown>[];

  constructor(target: Target<unknown>) {
    this.target = target;
    this.#samples = [...target.samples];
  }

  /** @throws Error that holds the smallest input that was found to fail */
  run(seed: number, count: number): void {
    const inputs = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.boolean(), mutations);
    const property = fc.property(inputs, ([which, other, how, repair, all]) => {
      const sample = this.#samples[which % this.#samples.length];
      const source = this.#samples[other % this.#samples.length];
      if (sample === undefined || source === undefined) throw new Error("no samples");
      const change = (bytes: Uint8Array): Uint8Array => mutated(bytes, all, source.bytes);
      const bytes = repair ? this.target.repaired(sample, change, how) : change(sample.bytes);
      this.#feed({ bytes, state: sample.state }, how);
    });
    fc.assert(property, { seed, numRuns: count });
  }

  #feed(input: Sample<unknown>, how: number): void {
    const began = performance.now();
    const outcome = this.#outcomeOf(input, how);
    const tookMs = performance.now() - began;
    this.slowestMs = Math.max(this.slowestMs, tookMs);
    if (tookMs > MAX_MS) throw new Error(`it took ${tookMs.toFixed(0)} ms: ${described(input)}`);
    if (this.outcomes.has(outcome)) return;
    this.outcomes.add(outcome);
    if (this.#samples.length < MAX_SAMPLES && input.bytes.length <= MAX_NEW_SAMPLE_BYTES) this.#samples.push(input);
  }

  #outcomeOf(input: Sample<unknown>, how: number): string {
    try {
      return this.target.check(input, how);
    } catch (error) {
      throw new Error(described(input), { cause: error });
    }
  }
}

function described({ bytes, state }: Sample<unknown>): string {
  return `${JSON.stringify(state)}\nbytes:\n${Buffer.from(bytes).toString("hex")}`;
}

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function main([seedWord = "", countWord = ""]: readonly string[]): void {
  const [seed, count] = [Number(seedWord), Number(countWord)];
  const began = performance.now();
  const fuzzers = TARGETS.map((target) => new Fuzzer(target));
  const heldAt: number[] = [];
  let done = 0;
  for (let batch = 0; done < count; batch++) {
    for (const fuzzer of fuzzers) {
      const share = Math.ceil((Math.min(BATCH, count - done) * fuzzer.target.share) / 100);
      fuzzer.run((seed + batch) | 0, share);
    }
    done = Math.min(count, done + BATCH);
    // A look at memory costs as much as hundreds of inputs.
    if (batch % 10 === 9 || done === count) heldAt.push(heldBytes());
    process.stdout.write(`fuzz:wire: ${String(done)} of ${String(count)}\r`);
  }
  const seconds = (performance.now() - began) / 1000;
  // The first tenth gathers samples and what the compiler makes of the code.
  const early = heldAt[Math.ceil(heldAt.length / 10)] ?? heldAt[0] ?? 0;
  const growth = Math.max(...heldAt) - early;
  for (const { target, outcomes, slowestMs } of fuzzers)
    process.stdout.write(
      `fuzz:wire: ${target.name}: ${String(outcomes.size)} outcomes, slowest ${slowestMs.toFixed(1)} ms\n`,
    );
  process.stdout.write(
    `fuzz:wire: ${String(done)} inputs from seed ${String(seed)} in ${seconds.toFixed(0)} s, ` +
      `memory grew by ${(growth / 1024 / 1024).toFixed(1)} MiB, 0 failed\n`,
  );
  if (growth > MAX_GROWTH_BYTES) throw new Error(`memory grew by ${String(growth)} bytes`);
}

main(process.argv.slice(2));
