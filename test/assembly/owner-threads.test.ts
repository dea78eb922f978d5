import { describe, expect, it } from "vitest";
import { MODE_FORCED_OPEN, OWNER_SHIFT, STATE_OPEN, WORD_OFFSET } from "../../assembly/layout.ts";
import { createSharedBreaker } from "./threads-fixture.ts";

const OPTIONS = { detector: { kind: "consecutive_failures", failures: 1 } } as const;
const BUSY = -1;

type Shared = ReturnType<typeof createSharedBreaker>;

/** Every control, by a thread that has read `seen` from FREED. */
const CONTROLS: readonly (readonly [string, (shared: Shared, seen: number) => number])[] = [
  [
    "switchTo",
    (shared, seen) => shared.exports.switchTo(shared.breaker, shared.stripe(1), MODE_FORCED_OPEN, 10, seen),
  ],
  ["reset", (shared, seen) => shared.exports.reset(shared.breaker, shared.stripe(1), 10, seen)],
  ["trip", (shared, seen) => shared.exports.trip(shared.breaker, shared.stripe(1), 5, 10, seen)],
  ["hold", (shared, seen) => shared.exports.hold(shared.breaker, shared.stripe(1), 1e6, 10, seen)],
  [
    "configure",
    (shared, seen) =>
      shared.exports.configure(
        shared.breaker,
        shared.stripe(1),
        shared.place({ ...OPTIONS, decayMs: 5 }),
        10,
        seen,
      ),
  ],
];

describe.each(CONTROLS)("%s of a breaker that may be another one by now", (_, control) => {
  it.each([
    ["closed", () => {}],
    ["open", (shared: Shared) => shared.fail(0, shared.acquire(0, 5), 5)],
  ] as const)("does nothing and returns -1 while %s", (__, prepare) => {
    const shared = createSharedBreaker(OPTIONS, 2);
    prepare(shared);
    const seen = shared.freed();
    shared.raiseFreed();
    const before = [shared.word(), shared.deadline(), shared.policyAddress()];
    expect(control(shared, seen)).toBe(BUSY);
    expect([shared.word(), shared.deadline(), shared.policyAddress()]).toEqual(before);
    expect(control(shared, shared.freed())).toBeGreaterThanOrEqual(0);
  });

  it("returns -1 while the breaker is owned", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    shared.fail(0, shared.acquire(0, 5), 5);
    const word = shared.word();
    shared.setWord(word | (1 << OWNER_SHIFT));
    expect(control(shared, shared.freed())).toBe(BUSY);
    shared.setWord(word);
    expect(control(shared, shared.freed())).toBeGreaterThanOrEqual(0);
  });
});

describe("a control of a freed breaker", () => {
  it("returns -1, though the freed block is forced open", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    const seen = shared.freed();
    shared.remove();
    for (const [, control] of CONTROLS) expect(control(shared, seen)).toBe(BUSY);
  });

  it("does nothing to the next breaker in its block", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    const seen = shared.freed();
    shared.remove();
    expect(shared.reuse()).toBe(shared.breaker);
    const word = shared.word();
    for (const [, control] of CONTROLS) expect(control(shared, seen)).toBe(BUSY);
    expect(shared.word()).toBe(word);
  });

  it("finds a raised FREED as soon as it finds the freed word", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    const seen = shared.freed();
    const { u32, breaker } = shared;
    const swap = Atomics.compareExchange;
    let isRaised = false;
    Atomics.compareExchange = ((cells: Uint32Array, index: number, held: number, next: number) => {
      if (cells === u32 && index === (breaker + WORD_OFFSET) >>> 2) isRaised = shared.freed() !== seen;
      return swap(cells, index, held, next);
    }) as typeof swap;
    try {
      shared.remove();
    } finally {
      Atomics.compareExchange = swap;
    }
    expect(isRaised).toBe(true);
    expect(shared.state()).toBe(STATE_OPEN);
  });
});

describe("a reset to an earlier time, of several threads", () => {
  it("takes back the time of all of them", () => {
    const shared = createSharedBreaker(OPTIONS, 3);
    for (const [index, nowMs] of [1_000, 5_000, 10].entries()) shared.acquire(index, nowMs);
    shared.exports.reset(shared.breaker, shared.stripe(0), 900, shared.freed());
    expect([0, 1, 2].map((index) => shared.latest(index))).toEqual([900, 900, 10]);
  });

  it("takes back what others have seen later than the resetting one", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    shared.acquire(0, 100);
    shared.acquire(1, 1e9);
    shared.exports.reset(shared.breaker, shared.stripe(0), 200, shared.freed());
    expect([0, 1].map((index) => shared.latest(index))).toEqual([200, 200]);
  });

  it("is bounded ahead by what any of them has seen", () => {
    const dayMs = 86_400_000;
    const shared = createSharedBreaker(OPTIONS, 3);
    shared.acquire(0, 1_000);
    shared.acquire(1, 1e12); // its first time, but not the first of the breaker
    expect(shared.latest(1)).toBe(1_000 + 2 * dayMs);
    shared.acquire(0, 3 * dayMs);
    expect(shared.latest(0)).toBe(3 * dayMs);
  });
});
