/** The threads of the explorer compute what the engine computes. */
import { describe, expect, it } from "vitest";
import { MODE_ENABLED, TICKET_DID_TRANSITION } from "../../assembly/layout.ts";
import { sharedText } from "../../build/shared.ts";
import type { Policy } from "../../src/core/policy.ts";
import { decodeText } from "../../src/core/wasm-text.ts";
import { compile } from "./explorer/code.ts";
import { Machine, Thread } from "./explorer/machine.ts";
import { World } from "./explorer/world.ts";

const POLICY: Policy = {
  detector: [
    {
      kind: "success_rate_over_time_window",
      windowMs: 40,
      buckets: 4,
      hungAfterMs: 15,
      minimumCalls: 4,
      requiredSuccessRate: 0.4,
      slowCallMs: 5,
      maximumSlowRate: 0.7,
    },
    { kind: "success_rate_over_count_window", calls: 20, minimumCalls: 5, requiredSuccessRate: 0.3 },
    { kind: "consecutive_failures", failures: 5 },
  ],
  delaysMs: [3, 9],
  jitter: 3,
  startMode: MODE_ENABLED,
  decayMs: 20,
  probes: 2,
  successesToClose: 2,
  probeTimeoutMs: 9,
  ramp: { shares: [0.3, 0.7], stepMs: 6 },
};
const MODULE = compile(decodeText(sharedText));

describe("a thread of the explorer", () => {
  it("returns and stores what the engine does, over 20,000 random calls", () => {
    const [real, simulated] = [1, 2].map(() => new World(sharedText, POLICY, 1)) as [World, World];
    const machine = new Machine(MODULE, simulated.buffer);
    const thread = new Thread(0);
    let state = 7;
    const below = (limit: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const tickets: number[] = [];
    const seen = new Set<string>();
    const { breaker } = real;
    expect(simulated.breaker).toBe(breaker);
    simulated.u32.set(real.u32); // the key of the hash of names is random
    const stripe = real.stripe(0);
    let now = 100;
    for (let step = 0; step < 20_000; step++) {
      now += below(3);
      const ticket = tickets.splice(below(tickets.length), 1)[0] ?? 0;
      const report = [breaker, stripe, ticket, now, below(8), 1 + below(2)];
      const choices: [string, ...number[]][] = [
        ["acquire", breaker, stripe, now],
        ["acquire", breaker, stripe, now],
        ["acquire", breaker, stripe, now],
        ["succeed", ...report],
        ["succeed", ...report],
        ["fail", ...report],
        ["release", breaker, stripe, ticket, now],
        ["check", breaker, stripe, now],
        below(20) ? ["admit", breaker] : ["reset", breaker, stripe, now, 0],
        below(20) ? ["admit", breaker] : ["trip", breaker, stripe, 5, now, 0],
        below(20) ? ["admit", breaker] : ["hold", breaker, stripe, now + 5, now, 0],
        below(20) ? ["admit", breaker] : ["switchTo", breaker, stripe, below(4), now, 0],
        below(20) ? ["admit", breaker] : ["configure", breaker, stripe, real.policy, now, 0],
      ];
      const [name, ...values] = choices[below(choices.length)]!;
      const expected = (real.exports as unknown as Record<string, (...all: number[]) => number>)[name]!(
        ...values,
      );
      thread.begin(MODULE, name, values);
      expect(machine.run(thread, true)).toBe(true);
      expect(thread.r32[0], `${name}(${values})`).toBe(expected);
      const admitted = expected & ~TICKET_DID_TRANSITION;
      if (name === "acquire" && admitted !== 0) tickets.push(admitted);
      seen.add(`${name} ${expected === 0}`);
      if (step % 20 === 0) expect(firstDifference(simulated.u32, real.u32), `${name}(${values})`).toBe(-1);
    }
    expect(simulated.records).toBe(real.records);
    expect(real.records).toBeGreaterThan(200);
    expect(seen.size).toBeGreaterThan(15);
  });
});

function firstDifference(one: Uint32Array, other: Uint32Array): number {
  return one.findIndex((word, index) => word !== other[index]);
}
