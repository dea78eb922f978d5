/** Where breakers lie in memory. */
import { describe, expect, it } from "vitest";
import { CACHE_LINE_SIZE, WORD_OFFSET } from "../../assembly/layout.ts";
import { policyOf, resolveOptions } from "../../src/breaker/options.ts";
import { Core } from "../../src/core/core.ts";
import { FLAVOURS, type Flavour } from "../flavours.ts";

/** A core with that many breakers of the default options, and how to call one. */
function prepare({ module }: Flavour, count: number) {
  const core = Core.create({ ...module }, [1, 2]);
  const policy = core.place(policyOf(resolveOptions({})));
  const breakers = Array.from({ length: count }, (_, number) => core.create(policy, `endpoint ${number}`));
  const call = (breaker: number, nowMs: number): void => {
    const stripe = core.stripeOf(breaker, policy);
    const { acquire, succeed } = core.exports;
    succeed(breaker, stripe, acquire(breaker, stripe, nowMs), nowMs, Number.NaN, 1);
  };
  return { core, breakers, call };
}

/** Lines of memory whose content `act` changes. */
function linesChanged(core: Core, act: () => void): readonly number[] {
  const before = core.memory.u32.slice();
  act();
  const words = core.memory.u32.subarray(0, before.length);
  const changed = [...words.keys()].filter((index) => words[index] !== before[index]);
  return [...new Set(changed.map((index) => Math.floor((index * 4) / CACHE_LINE_SIZE)))];
}

describe.each(FLAVOURS)("a breaker in memory, $name", (flavour) => {
  it("has the line that every call touches in any set of a cache as often as in any other", () => {
    const { breakers } = prepare(flavour, 4_000);
    const sets = new Array<number>(16).fill(0);
    for (const breaker of breakers) sets[((breaker + WORD_OFFSET) / CACHE_LINE_SIZE) % sets.length]!++;
    expect(Math.min(...sets)).toBeGreaterThan(150); // 250 each, if it were by chance
    expect(Math.max(...sets)).toBeLessThan(400);
  });

  it("counts a success on the line of its word and nowhere else", () => {
    const { core, breakers, call } = prepare(flavour, 8);
    for (const breaker of breakers) for (let i = 0; i < 20; i++) call(breaker, 1_000);
    for (const breaker of breakers) {
      const line = Math.floor((breaker + WORD_OFFSET) / CACHE_LINE_SIZE);
      expect(linesChanged(core, () => call(breaker, 1_500))).toEqual([line]);
    }
  });

  it("counts every other outcome on that line as well, while it stays closed", () => {
    const { core, breakers } = prepare(flavour, 1);
    const breaker = breakers[0]!; // one was made
    const policy = core.place(policyOf(resolveOptions({})));
    const stripe = core.stripeOf(breaker, policy);
    const { acquire, succeed, fail } = core.exports;
    const ticket = acquire(breaker, stripe, 1_000);
    for (let i = 0; i < 9; i++) succeed(breaker, stripe, ticket, 1_000, Number.NaN, 1);
    const line = Math.floor((breaker + WORD_OFFSET) / CACHE_LINE_SIZE);
    expect(linesChanged(core, () => fail(breaker, stripe, ticket, 1_001, 50, 1))).toEqual([line]);
    expect(core.measure(breaker, 1_001)).toMatchObject({ calls: 10, failures: 1 });
  });
});
