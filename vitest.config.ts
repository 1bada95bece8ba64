import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,mjs}"],
    pool: "forks",
    // Most of them wait for processes and time-outs, rather than compute.
    maxWorkers: Math.max(3, availableParallelism()),
    // Of what a user can run: what a worker of root's does otherwise, so that .ci/run has it run as root, too.
    tags: [{ name: "root" }],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
