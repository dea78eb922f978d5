/** The fast path in JavaScript and the module, side by side on two memories. */
import { describe, expect, it } from "vitest";
import { MODE_ENABLED } from "../../assembly/layout.ts";
import { policyOf, resolveOptions } from "../../src/breaker/options.ts";
import { Core } from "../../src/core/core.ts";
import { acquireFast, admitFast, failFast, succeedFast } from "../../src/core/fast-path.ts";
import { LinearMemory } from "../../src/core/memory.ts";
import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import { FLAVOURS, type Flavour } from "../flavours.ts";
import { Generator } from "../random/generator.ts";

const STEPS = 10_000;
/** Between two looks at all of memory. */
const STEPS_OF_ALL = 400;
const SEED = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000_000);
const OPTIONS: readonly CircuitBreakerOptions[] = [
  { detector: { kind: "success_rate_over_time_window", minimumCalls: 3, windowMs: 100, buckets: 4 } },
  {
    detector: {
      kind: "success_rate_over_time_window",
      minimumCalls: 1,
      windowMs: 100,
      buckets: 1,
      slowCallMs: 5,
      maximumSlowRate: 0.5,
    },
  },
  {
    detector: [
      { kind: "success_rate_over_time_window", minimumCalls: 3, windowMs: 100, buckets: 4 },
      { kind: "consecutive_failures", failures: 3 },
    ],
  },
  { detector: { kind: "consecutive_failures", failures: 3 } },
  { detector: { kind: "success_rate_over_count_window", minimumCalls: 3, calls: 7 } },
  { detector: { kind: "consecutive_failures", failures: 2 }, mode: "shadow" },
  {
    detector: [
      {
        kind: "success_rate_over_count_window",
        minimumCalls: 2,
        calls: 40,
        slowCallMs: 5,
        maximumSlowRate: 0.5,
      },
      { kind: "consecutive_failures", failures: 3 },
    ],
  },
  {
    detector: [
      { kind: "success_rate_over_count_window", minimumCalls: 4, calls: 16 },
      { kind: "success_rate_over_time_window", minimumCalls: 3, windowMs: 100, buckets: 4 },
    ],
    mode: "shadow",
  },
  {
    detector: {
      kind: "success_rate_over_time_window",
      minimumCalls: 3,
      windowMs: 100,
      buckets: 4,
      hungAfterMs: 30,
    },
    mode: "shadow",
  },
];

/** A core with one breaker, and its memory in use. Modules of their own, so that no arena is shared. */
function coreOf(flavour: Flavour, options: CircuitBreakerOptions) {
  const core = Core.create({ ...flavour.module }, [1, 2]);
  const backoff = { kind: "constant", delayMs: 600, jitter: "none" } as const;
  const policy = core.place(policyOf(resolveOptions({ ...options, backoff })));
  const breaker = core.create(policy, "endpoint");
  /** From there on. */
  const bytes = (start: number) => Buffer.from(core.memory.heap.buffer.slice(start, core.end));
  return { core, wasm: core.exports, breaker, stripe: core.stripeOf(breaker, policy), bytes };
}

/** Times that mostly go on by a little, and now and then stand, jump or go back. */
function nextTime(generator: Generator, now: number): number {
  const kind = generator.number() % 64;
  if (kind < 56) return now + (generator.number() % 8) / 2;
  if (kind < 60) return now;
  if (kind < 62) return Math.max(0, now - (generator.number() % 50));
  return now + (generator.number() % 150);
}

/** `expect` costs a thousand times what is tested here. */
function same(step: number, short: number, long: number): void {
  if (short !== long) expect.fail(`step ${step}: ${short} in short, ${long} by the module`);
}

function play(flavour: Flavour, options: CircuitBreakerOptions, seed: number) {
  const generator = new Generator(seed);
  const fast = coreOf(flavour, options);
  const slow = coreOf(flavour, options);
  const taken = { admitted: 0, refused: 0, succeeded: 0, failed: 0 };
  const tickets = [0];
  let now = 1_000;
  for (let step = 0; step < STEPS; step++) {
    now = nextTime(generator, now);
    const ticket = tickets[generator.number() % tickets.length]!; // below the length
    const failing = step % 500 > 400 && generator.number() % 2 === 0;
    const kind = generator.number() % 16;
    if (kind < 7) {
      const free = admitFast(fast.core.memory, fast.breaker);
      if (free !== 0) same(step, free, slow.wasm.admit(slow.breaker));
      const quick = acquireFast(fast.core.memory, fast.breaker, now);
      const given = quick === 0 ? fast.wasm.acquire(fast.breaker, fast.stripe, now) : Math.max(quick, 0);
      same(step, given, slow.wasm.acquire(slow.breaker, slow.stripe, now));
      if (quick > 0) taken.admitted++;
      if (quick < 0) taken.refused++;
      tickets[tickets.length < 4 ? tickets.length : generator.number() % 4] = given & 0x7fffffff;
    } else if (kind < 13 && !failing) {
      const quick = succeedFast(fast.core.memory, fast.breaker, ticket, now);
      if (quick) taken.succeeded++;
      const bits = quick ? 0 : fast.wasm.succeed(fast.breaker, fast.stripe, ticket, now, Number.NaN, 1);
      same(step, bits, slow.wasm.succeed(slow.breaker, slow.stripe, ticket, now, Number.NaN, 1));
    } else if (kind < 14 && (failing || generator.number() % 8 === 0)) {
      const quick = failFast(fast.core.memory, fast.breaker, ticket, now);
      if (quick) taken.failed++;
      const bits = quick ? 0 : fast.wasm.fail(fast.breaker, fast.stripe, ticket, now, Number.NaN, 1);
      same(step, bits, slow.wasm.fail(slow.breaker, slow.stripe, ticket, now, Number.NaN, 1));
    } else if (kind < 15) {
      const duration = generator.number() % 10;
      for (const { wasm, breaker, stripe } of [fast, slow]) {
        if (failing) wasm.fail(breaker, stripe, ticket, now, duration, 1 + (kind & 1));
        else wasm.succeed(breaker, stripe, ticket, now, duration, 1);
      }
    } else if (generator.number() % 20 === 0) {
      const mode = generator.number() % 3 === 0 ? generator.number() % 4 : MODE_ENABLED;
      for (const { wasm, breaker, stripe } of [fast, slow]) wasm.switchTo(breaker, stripe, mode, now, 0);
    } else {
      for (const { wasm, breaker, stripe } of [fast, slow]) wasm.release(breaker, stripe, ticket, now);
    }
    // The breaker was placed last; what lies before it is looked at now and then.
    const start = step % STEPS_OF_ALL === 0 ? 0 : fast.breaker;
    if (!fast.bytes(start).equals(slow.bytes(start))) expect.fail(`memories differ after step ${step}`);
  }
  return taken;
}

describe.each(FLAVOURS.filter(({ module }) => !module.shared))("the $name core", (flavour) => {
  it("leaves the same bytes and gives the same answers whether the fast path is taken or not", () => {
    OPTIONS.forEach((options, number) => {
      const seed = SEED + number;
      const taken = play(flavour, options, seed);
      const what = `options ${number}, BLUESMOKE_SEED=${seed - number}`;
      if (number === OPTIONS.length - 1) {
        expect(taken.admitted + taken.succeeded, what).toBe(0); // calls can hang
        return;
      }
      expect(taken.admitted, what).toBeGreaterThan(STEPS / 500);
      expect(taken.refused, what).toBeGreaterThan(options.mode === "shadow" ? -1 : STEPS / 1_000);
      expect(taken.succeeded, what).toBeGreaterThan(STEPS / 500);
      if (number === 0) expect(taken.failed, what).toBeGreaterThan(STEPS / 10_000);
    });
  });

  it("gives no ticket and counts nothing at address 0, where a breaker without a block is", () => {
    const { core, bytes } = coreOf(flavour, OPTIONS[0]!);
    const before = bytes(0);
    expect(acquireFast(core.memory, 0, 1_000)).toBe(0);
    expect(admitFast(core.memory, 0)).toBe(0);
    expect(succeedFast(core.memory, 0, 256, 1_000)).toBe(false);
    expect(failFast(core.memory, 0, 256, 1_000)).toBe(false);
    expect(bytes(0).equals(before)).toBe(true);
  });
});

describe("memory of several threads", () => {
  it("is never read on the fast path", () => {
    const flavour = FLAVOURS.find(({ module }) => !module.shared)!; // most are
    const { core, wasm, breaker, stripe, bytes } = coreOf(flavour, OPTIONS[0]!);
    const ticket = wasm.acquire(breaker, stripe, 1_000);
    for (let i = 0; i < 10; i++) wasm.succeed(breaker, stripe, ticket, 1_000, Number.NaN, 1);
    expect(acquireFast(core.memory, breaker, 1_000)).toBe(ticket);
    const shared = new LinearMemory(core.memory.heap, true); // so that nothing but the kind of memory speaks against it
    const before = bytes(breaker);
    expect(acquireFast(shared, breaker, 1_001)).toBe(0);
    expect(admitFast(shared, breaker)).toBe(0);
    expect(succeedFast(shared, breaker, ticket, 1_001)).toBe(false);
    expect(failFast(shared, breaker, ticket, 1_001)).toBe(false);
    expect(bytes(breaker).equals(before)).toBe(true);
  });
});
