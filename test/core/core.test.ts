import { beforeEach, describe, expect, it } from "vitest";
import {
  BREAKER_REMAINDER,
  CACHE_LINE_SIZE,
  MODE_FORCED_OPEN,
  STATE_CLOSED,
  STATE_OPEN,
} from "../../assembly/layout.ts";
import { type CircuitBreakerOptions, policyOf, resolveOptions } from "../../src/breaker/options.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { Core, generationAfter, laterGeneration } from "../../src/core/core.ts";
import { isLikeNew } from "../../src/core/idle.ts";
import { configure } from "../../src/entry/main.ts";
import { FLAVOURS } from "../flavours.ts";

const SMALL = { detector: { kind: "consecutive_failures", failures: 2 } } as const;
const LARGE = { ...SMALL, halfOpen: { probes: 40 } } as const;

describe.each(FLAVOURS.filter(({ module }) => !module.shared))(
  "the core of one thread ($name)",
  (flavour) => {
    let core: Core;

    /** In memory of its own. */
    beforeEach(() => {
      core = Core.create({ ...flavour.module }, [1, 2]);
    });

    const place = (options: CircuitBreakerOptions) => core.place(policyOf(resolveOptions(options)));

    it("has one policy in memory for the same options, and its breakers one line apart", () => {
      const policy = place(SMALL);
      expect(place({ ...SMALL, mode: "enabled" })).toBe(policy);
      expect(place(LARGE).address).not.toBe(policy.address);
      const breakers = ["a", "b"].map((name) => core.create(policy, name));
      for (const breaker of breakers) expect(breaker % CACHE_LINE_SIZE).toBe(BREAKER_REMAINDER);
      expect(breakers[1]! - breakers[0]!).toBe(policy.shape.size);
    });

    it("reuses a freed block for the same size only, in a later generation", () => {
      const [small, large] = [place(SMALL), place(LARGE)];
      const first = core.create(small, "first");
      core.free(first);
      expect([core.stateOf(first), core.modeOf(first)]).toEqual([STATE_OPEN, MODE_FORCED_OPEN]);
      expect(core.exports.acquire(first, core.stripeOf(first, small), 1e12)).toBe(0);
      const before = core.generationOf(first);
      const other = core.create(large, "other");
      expect(other).not.toBe(first);
      expect(core.create(small, "second")).toBe(first);
      expect(core.generationOf(first)).toBeGreaterThan(before);
      expect(core.stateOf(first)).toBe(STATE_CLOSED);
      expect(core.names.nameOf(first)).toBe("second");
    });

    it("takes a name from a freed breaker", () => {
      const breaker = core.create(place(SMALL), "a");
      core.free(breaker);
      expect(core.names.nameOf(breaker)).toBeUndefined();
    });

    it("moves a breaker to a generation ahead of all that either block has had", () => {
      const [small, large] = [place(SMALL), place(LARGE)];
      const freed = core.create(large, "freed");
      core.free(freed); // its next generation is 3
      const from = core.create(small, "a");
      for (let resets = 0; resets < 9; resets++) core.exports.reset(from, core.stripeOf(from, small), 0, 0);
      const to = core.move("a", from, large, false, () => {});
      expect(to).toBe(freed);
      expect(core.generationOf(to)).toBe(11);
      for (let resets = 0; resets < 30; resets++) core.exports.reset(to, core.stripeOf(to, large), 0, 0);
      core.move("a", to, small, false, () => {});
      const again = core.create(large, "b");
      expect(again).toBe(to);
      expect(core.generationOf(again)).toBeGreaterThan(41);
    });

    it("drops tickets of a breaker that has moved to a block of earlier generations", () => {
      const registry = new CircuitBreakerRegistry({ clock: () => 0 }, core);
      registry.get("x", LARGE);
      registry.delete("x");
      const breaker = registry.get("y", SMALL);
      breaker.reset(0);
      breaker.reset(0);
      const ticket = breaker.tryAcquire(0); // of generation 3
      for (let resets = 0; resets < 7; resets++) breaker.reset(0);
      configure(breaker, { halfOpen: { probes: 40 } });
      breaker.onFailure(ticket, 0, undefined, 2);
      expect(breaker.snapshot(0)).toMatchObject({ state: "closed", generation: 11, late: 2 });
    });

    it("leaves the breakers beside one alone that gets other numbers of probes", () => {
      const registry = new CircuitBreakerRegistry({ clock: () => 0, defaults: SMALL }, core);
      const breakers = ["a", "b", "c"].map((name) => registry.get(name));
      const middle = breakers[1]!;
      for (const probes of [64, 1, 2, 64]) {
        configure(middle, { halfOpen: { probes, successesToClose: 64 } });
        middle.trip(0);
        const nowMs = middle.retryAfterMs(0);
        const tickets = Array.from({ length: probes }, () => middle.tryAcquire(nowMs));
        expect(tickets.every((ticket) => ticket > 0)).toBe(true);
        for (const other of [breakers[0]!, breakers[2]!]) {
          expect(other.snapshot(0)).toMatchObject({ state: "closed", generation: 1, late: 0, refused: 0 });
        }
        middle.reset(0);
      }
    });

    it("is idle while a breaker is as a new one, and not with calls, a streak, a level or another mode", () => {
      const policy = place({ ...SMALL, decayMs: 1_000 });
      const breaker = core.create(policy, "a");
      const stripe = core.stripeOf(breaker, policy);
      const { exports } = core;
      expect(isLikeNew(core, breaker, 0)).toBe(true);
      const ticket = exports.acquire(breaker, stripe, 0);
      exports.fail(breaker, stripe, ticket, 0, Number.NaN, 1);
      expect(isLikeNew(core, breaker, 0)).toBe(false);
      exports.succeed(breaker, stripe, ticket, 0, Number.NaN, 1);
      expect(isLikeNew(core, breaker, 0)).toBe(true);
      exports.switchTo(breaker, stripe, MODE_FORCED_OPEN, 0, 0);
      expect(isLikeNew(core, breaker, 0)).toBe(false);
    });
  },
);

describe("generations", () => {
  it("begin anew at 1", () => {
    expect([1, 4_194_302, 4_194_303].map(generationAfter)).toEqual([2, 4_194_303, 1]);
  });

  it.each([
    [5, 3, 5],
    [3, 5, 5],
    [1, 4_194_303, 1],
    [4_194_303, 1, 1],
    [7, 7, 7],
  ])("of which %i and %i are two have the later one: %i", (one, other, later) => {
    expect(laterGeneration(one, other)).toBe(later);
  });
});
