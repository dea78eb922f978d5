import { describe, expect, it } from "vitest";
import { END_OFFSET, OWNER_MASK, OWNER_SHIFT, SLOT_MASK, SLOT_PENDING } from "../../assembly/layout.ts";
import { createSharedBreaker } from "./threads-fixture.ts";

const BUCKETS = 10;
const OPTIONS = {
  detector: {
    kind: "success_rate_over_time_window",
    requiredSuccessRate: 0.8,
    minimumCalls: 20,
    windowMs: 10_000,
    buckets: BUCKETS,
    hungAfterMs: 1_000,
  },
} as const;
/** Buckets of 1 s have slots of their own for so long. */
const SLOTS = 190;

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

describe("calls that can hang, of several threads", () => {
  it("are pending whichever thread owns the breaker and whatever their slot", () => {
    const shared = createSharedBreaker(OPTIONS, 63);
    const word = shared.word();
    for (let number = 0; number < SLOTS; number++) {
      const nowMs = (SLOTS + number) * 1_000;
      shared.succeed(0, shared.acquire(0, nowMs), nowMs); // the bucket turns
      const owner = ((SLOT_PENDING + number) >> 2) & OWNER_MASK;
      for (let mode = 0; mode < 4; mode++) {
        shared.setWord((word | (mode << 2) | (owner << OWNER_SHIFT)) >>> 0);
        const ticket = shared.acquire(0, nowMs);
        if (mode === 0) {
          expect(ticket & SLOT_MASK).toBe(SLOT_PENDING + number);
          expect(sum(shared.pending(0, BUCKETS)), `bucket ${number}, owner ${owner}`).toBe(1);
          shared.succeed(0, ticket, nowMs);
          expect(sum(shared.pending(0, BUCKETS)), `bucket ${number}, owner ${owner}`).toBe(0);
        } else if (mode === 3) {
          shared.succeed(0, ticket, nowMs);
          expect(sum(shared.pending(0, BUCKETS)), `bucket ${number}, owner ${owner}, shadow`).toBe(0);
        }
        shared.setWord(word);
      }
    }
  });

  it.each([0.1, 300, 999, 4_500])("end when they are reported by a clock that is %f ms behind", (lagMs) => {
    const shared = createSharedBreaker(OPTIONS, 2);
    for (let nowMs = 11_000; nowMs < 40_000; nowMs += 250) {
      const ticket = shared.acquire(0, nowMs);
      shared.succeed(1, ticket, nowMs - lagMs);
      const pending = sum(shared.pending(0, BUCKETS)) + sum(shared.pending(1, BUCKETS));
      expect(pending, `at ${nowMs}`).toBe(0);
    }
    expect(shared.measure(40_000)).toMatchObject({ pending: 0, hung: 0 });
    expect(shared.generation()).toBe(1);
  });

  it("take no time ahead when they are so old that their slot is that of a later bucket", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    const ticket = shared.acquire(0, 11_000);
    const nowMs = 11_000 + (SLOTS - 3) * 1_000;
    shared.succeed(0, ticket, nowMs);
    expect(shared.latest(0)).toBe(nowMs);
    expect(shared.measure(nowMs)).toMatchObject({ calls: 1, pending: 0 });
  });

  it("have the slot of their bucket when their thread died before the end of a turn was stored", () => {
    const shared = createSharedBreaker(OPTIONS, 1);
    const end = (shared.stripe(0) + END_OFFSET) >>> 3;
    for (let nowMs = 11_000; nowMs < 30_000; nowMs += 1_000) {
      shared.acquire(0, nowMs); // lost with its thread
      shared.f64[end] = nowMs; // as it was before the turn
      const ticket = shared.acquire(0, nowMs + 1);
      expect(ticket & SLOT_MASK).toBe(SLOT_PENDING + nowMs / 1_000);
      expect(shared.f64[end]).toBe(nowMs + 1_000);
      shared.succeed(0, ticket, nowMs + 700);
    }
  });
});
