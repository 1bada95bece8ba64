import { describe, expect, test } from "vitest";
import { Canceller } from "../../src/base/abort.js";
import { type Permit, TokenPool, type TokenSeat } from "../../src/sched/token-pool.js";
import { settled } from "../rig/fake-runner.js";
import { FakeTokens } from "../rig/fake-tokens.js";

/** Makes that share a jobserver, and the order in which they were served. */
class Table {
  readonly served: string[] = [];
  readonly permits = new Map<string, Permit>();
  readonly tokens: FakeTokens;
  readonly pool: TokenPool;

  constructor(tokens: number) {
    this.tokens = new FakeTokens(tokens);
    this.pool = new TokenPool(this.tokens);
  }

  /** A job that runs at once or waits. */
  begin(job: string, seat: TokenSeat, priority = 0): void {
    const serve = (permit: Permit): void => {
      this.permits.set(job, permit);
      this.served.push(job);
    };
    const now = seat.tryTake();
    if (now === undefined) seat.whenFree(priority, serve);
    else serve(now);
  }

  end(job: string, seat: TokenSeat, then: () => void = () => undefined): void {
    const permit = this.permits.get(job);
    if (permit === undefined) throw new Error(`${job} does not run`);
    this.permits.delete(job);
    seat.giveAround(permit, then);
  }
}

describe("one make", () => {
  test("has a permit of its own, and takes tokens for more", () => {
    const table = new Table(1);
    const seat = table.pool.seat();
    for (const job of ["a", "b", "c"]) table.begin(job, seat);
    expect([table.served, table.permits.get("a"), table.tokens.free]).toEqual([["a", "b"], "own", []]);
    table.end("b", seat);
    table.end("a", seat);
    expect([table.served, table.tokens.free]).toEqual([["a", "b", "c"], []]);
    table.end("c", seat);
    expect([table.tokens.free.length, table.tokens.listeners]).toEqual([1, 0]);
  });

  test("uses its own before it takes a token again", () => {
    const table = new Table(1);
    const seat = table.pool.seat();
    table.begin("a", seat);
    table.end("a", seat, () => table.begin("b", seat));
    expect([table.permits.get("b"), table.tokens.free.length]).toEqual(["own", 1]);
  });
});

describe("makes of one process", () => {
  test("larger priorities go first, whichever make they are of", () => {
    const table = new Table(0);
    const [one, other] = [table.pool.seat(), table.pool.seat()];
    table.begin("a", one);
    table.begin("b", other);
    table.begin("small", one, 1);
    table.begin("large", other, 5);
    table.end("a", one);
    table.end("b", other);
    expect(table.served).toEqual(["a", "b", "large", "small"]);
  });

  test("among equals the make goes on whose job has ended, be it by what that end brings about", () => {
    const table = new Table(0);
    const [one, other] = [table.pool.seat(), table.pool.seat()];
    table.begin("a", one);
    table.begin("b", other);
    table.begin("b2", other);
    table.end("a", one, () => table.begin("a2", one));
    expect(table.served).toEqual(["a", "b", "a2"]);
  });

  test("a make's right is everybody's once it has been used, and comes back before the make has ended", async () => {
    const table = new Table(0);
    const [upper, lower] = [table.pool.seat(), table.pool.seat()];
    table.begin("line", upper);
    table.begin("a", lower);
    table.begin("urgent", upper, 9);
    table.begin("b", lower, 1);
    table.end("a", lower);
    expect(table.served).toEqual(["line", "a", "urgent"]);
    table.end("urgent", upper);
    table.begin("long", upper, 1);
    expect(table.served).toEqual(["line", "a", "urgent", "b"]);
    table.end("b", lower);
    let hasLeft = false;
    void lower.leave(new Canceller()).then(() => (hasLeft = true));
    await settled();
    expect([table.served.at(-1), hasLeft]).toEqual(["long", false]);
    table.end("long", upper);
    await settled();
    expect(hasLeft).toBe(true);
    table.begin("beside", upper);
    expect(table.served.at(-1)).toBe("long");
    table.end("line", upper);
    expect(table.served.at(-1)).toBe("beside");
  });

  test("a token that comes back in a right's place is a token again when that right is given", async () => {
    const table = new Table(1);
    const [upper, lower] = [table.pool.seat(), table.pool.seat()];
    table.begin("line", upper);
    table.begin("a", lower);
    table.begin("b", lower);
    table.begin("urgent", upper, 9);
    table.end("a", lower);
    table.end("b", lower);
    expect([table.served, table.tokens.free.length]).toEqual([["line", "a", "b", "urgent"], 1]);
    await lower.leave(new Canceller());
    expect(table.tokens.free.length).toBe(0);
    table.end("line", upper);
    expect(table.tokens.free.length).toBe(1);
    table.end("urgent", upper);
    for (const job of ["x", "y", "z"]) table.begin(job, upper);
    expect(table.served.slice(4)).toEqual(["x", "y"]);
  });

  test("a make that is cancelled owes its right, and does not wait for it", async () => {
    const table = new Table(0);
    const [upper, lower] = [table.pool.seat(), table.pool.seat()];
    table.begin("line", upper);
    table.begin("a", lower);
    table.begin("urgent", upper, 9);
    table.end("a", lower);
    const cancel = new Canceller();
    const left = lower.leave(cancel);
    cancel.abort();
    await left;
    table.end("urgent", upper);
    table.begin("next", upper);
    expect(table.served).toEqual(["line", "a", "urgent"]);
    table.end("line", upper);
    expect(table.served.at(-1)).toBe("next");
  });
});
