/** The short way in JavaScript and the module, side by side on two memories. */
import { describe, expect, it } from "vitest";
import { BUCKETS_OFFSET, MODE_ENABLED, REGISTRY_ADDRESS, STRIPES_OFFSET } from "../../assembly/layout.ts";
import { resolveOptions } from "../../src/breaker/options/options.ts";
import { policyOf } from "../../src/breaker/options/policy.ts";
import { Core } from "../../src/core/core.ts";
import { acquireShort, admitShort, succeedShort } from "../../src/core/shortway.ts";
import { found } from "../../src/core/site.ts";
import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import { FLAVOURS, type Flavour } from "../flavours.ts";
import { Dice } from "./dice.ts";

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
];

/** A core with one breaker, and its memory in use. */
function stand(flavour: Flavour, options: CircuitBreakerOptions) {
  const core = new Core(flavour.delivery, found(flavour.delivery, [1, 2], 1));
  const backoff = { kind: "constant", delayMs: 600, jitter: "none" } as const;
  const policy = core.place(policyOf(resolveOptions({ ...options, backoff })));
  const breaker = core.endpoints.create("endpoint", policy.address);
  /** From there on. */
  const bytes = (start: number) => Buffer.from(core.memory.u8.slice(start, core.allocator.end));
  return { core, breaker, stripe: core.stripeOf(breaker, policy), bytes };
}

/** Times that mostly go on by a little, and now and then stand, jump or go back. */
function nextTime(dice: Dice, now: number): number {
  const kind = dice.roll() % 64;
  if (kind < 56) return now + (dice.roll() % 8) / 2;
  if (kind < 60) return now;
  if (kind < 62) return Math.max(0, now - (dice.roll() % 50));
  return now + (dice.roll() % 150);
}

/** `expect` costs a thousand times what is tested here. */
function same(step: number, short: number, long: number): void {
  if (short !== long) expect.fail(`step ${step}: ${short} in short, ${long} by the module`);
}

function play(flavour: Flavour, options: CircuitBreakerOptions, seed: number) {
  const dice = new Dice(seed);
  const short = stand(flavour, options);
  const long = stand(flavour, options);
  const taken = { admitted: 0, refused: 0, succeeded: 0 };
  const tickets = [0];
  let now = 1_000;
  for (let step = 0; step < STEPS; step++) {
    now = nextTime(dice, now);
    const ticket = tickets[dice.roll() % tickets.length]!; // below the length
    const failing = step % 500 > 400 && dice.roll() % 2 === 0;
    const kind = dice.roll() % 16;
    if (kind < 7) {
      const free = admitShort(short.core.memory, short.breaker, short.core.freed);
      if (free !== 0) same(step, free, long.core.admit(long.breaker));
      const quick = acquireShort(short.core.memory, short.breaker, short.core.freed, now);
      const given = quick === 0 ? short.core.acquire(short.breaker, short.stripe, now) : Math.max(quick, 0);
      same(step, given, long.core.acquire(long.breaker, long.stripe, now));
      if (quick > 0) taken.admitted++;
      if (quick < 0) taken.refused++;
      tickets[tickets.length < 4 ? tickets.length : dice.roll() % 4] = given & 0x7fffffff;
    } else if (kind < 13 && !failing) {
      const quick = succeedShort(short.core.memory, short.breaker, ticket, now);
      if (quick) taken.succeeded++;
      const bits = quick ? 0 : short.core.succeed(short.breaker, short.stripe, ticket, now, Number.NaN, 1);
      same(step, bits, long.core.succeed(long.breaker, long.stripe, ticket, now, Number.NaN, 1));
    } else if (kind < 15) {
      const duration = dice.roll() % 10;
      for (const { core, breaker, stripe } of [short, long]) {
        if (failing) core.fail(breaker, stripe, ticket, now, duration, 1 + (kind & 1));
        else core.succeed(breaker, stripe, ticket, now, duration, 1);
      }
    } else if (dice.roll() % 20 === 0) {
      const mode = dice.roll() % 3 === 0 ? dice.roll() % 4 : MODE_ENABLED;
      for (const { core, breaker, stripe } of [short, long]) core.switchTo(breaker, stripe, mode, now);
    } else {
      for (const { core, breaker, stripe } of [short, long]) core.release(breaker, stripe, ticket, now);
    }
    // The breaker was placed last; what lies before it is looked at now and then.
    const start = step % STEPS_OF_ALL === 0 ? REGISTRY_ADDRESS : short.breaker;
    if (!short.bytes(start).equals(long.bytes(start))) expect.fail(`memories differ after step ${step}`);
  }
  return taken;
}

describe.each(FLAVOURS.filter(({ delivery }) => !delivery.shared))("the $name core", (flavour) => {
  it("leaves the same bytes and gives the same answers whether the short way is taken or not", () => {
    OPTIONS.forEach((options, number) => {
      const seed = SEED + number;
      const taken = play(flavour, options, seed);
      const what = `options ${number}, BLUESMOKE_SEED=${seed - number}`;
      expect(taken.admitted, what).toBeGreaterThan(STEPS / 500);
      expect(taken.refused, what).toBeGreaterThan(options.mode === "shadow" ? -1 : STEPS / 1_000);
      if (number < 2 || number === 3) expect(taken.succeeded, what).toBeGreaterThan(STEPS / 500);
    });
  });
});

describe("the shared core", () => {
  const shared = FLAVOURS.find(({ delivery }) => delivery.shared)!; // one of them is

  it("is always asked itself: memory of several threads is never read in short", () => {
    const { core, breaker, stripe, bytes } = stand(shared, OPTIONS[0]!); // the first of a few
    const ticket = core.acquire(breaker, stripe, 1_000);
    for (let i = 0; i < 10; i++) core.succeed(breaker, stripe, ticket, 1_000, Number.NaN, 1);
    // Where the stripe of unshared memory would be: so that nothing but the kind of memory speaks against it.
    core.memory.u8.copyWithin(breaker + STRIPES_OFFSET, stripe, stripe + BUCKETS_OFFSET);
    const before = bytes(breaker);
    expect(ticket).toBeGreaterThan(0);
    expect(acquireShort(core.memory, breaker, core.freed, 1_001)).toBe(0);
    expect(admitShort(core.memory, breaker, core.freed)).toBe(0);
    expect(succeedShort(core.memory, breaker, ticket, 1_001)).toBe(false);
    expect(bytes(breaker).equals(before)).toBe(true);
  });
});
