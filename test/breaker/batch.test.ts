import { describe, expect, it } from "vitest";
import { FAILURE, NONE, RELEASE, SUCCESS } from "../../src/entry/main.ts";
import { FLAVOURS } from "../flavours.ts";

describe.each(FLAVOURS)("a batch over the $name core", ({ createRegistry }) => {
  const defaults = {
    detector: { kind: "success_rate_over_time_window", minimumCalls: 10, slowCallMs: 50 },
    backoff: { kind: "constant", delayMs: 100 },
  } as const;

  it("admits and reports like single calls, entry by entry", () => {
    const registry = createRegistry({ defaults, seed: 1 });
    const twin = createRegistry({ defaults, seed: 1 });
    const names = ["a", "b", "c"];
    const batch = registry.batch(300);
    let state = 12_345;
    const chance = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let now = 0; now < 3_000; now += 37) {
      const count = 1 + chance(300);
      const picks = Array.from({ length: count }, () => names[chance(3)]!);
      picks.forEach((name, i) => {
        batch.breakers[i] = registry.get(name).id;
      });
      const tickets = picks.map((name) => twin.get(name).tryAcquire(now));
      const admitted = registry.acquireBatch(batch, count, now);
      expect([...batch.tickets.subarray(0, count)]).toEqual(tickets);
      expect(admitted).toBe(tickets.filter((ticket) => ticket !== 0).length);
      picks.forEach((name, i) => {
        if (tickets[i] === 0) return;
        const outcome = [SUCCESS, SUCCESS, FAILURE, RELEASE, NONE][chance(5)]!;
        const [weight, duration] = [1 + chance(3), chance(60)];
        batch.outcomes[i] = outcome;
        batch.weights[i] = weight;
        batch.durations[i] = duration;
        const breaker = twin.get(name);
        if (outcome === SUCCESS) breaker.onSuccess(tickets[i]!, now + 1, duration, weight);
        if (outcome === FAILURE) breaker.onFailure(tickets[i]!, now + 1, duration, weight);
        if (outcome === RELEASE) breaker.release(tickets[i]!, now + 1);
      });
      registry.reportBatch(batch, count, now + 1);
      for (const name of names) {
        expect(registry.get(name).snapshot(now + 1)).toEqual(twin.get(name).snapshot(now + 1));
      }
    }
    expect(twin.get("a").snapshot().generation).toBeGreaterThan(3);
  });

  it("counts a call that nobody admitted while the breaker is closed, and takes it for late otherwise", () => {
    const registry = createRegistry({ defaults });
    const breaker = registry.get("a");
    const batch = registry.batch(20);
    batch.breakers.fill(breaker.id);
    batch.outcomes.fill(FAILURE);
    registry.reportBatch(batch, 12, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ state: "open", late: 2 });
  });

  it("tells of every transition, also when one batch causes more of them than the journal holds", () => {
    const registry = createRegistry({
      defaults: { detector: { kind: "consecutive_failures", failures: 1 } },
    });
    const batch = registry.batch(2_000);
    for (let i = 0; i < 2_000; i++) batch.breakers[i] = registry.get(`endpoint ${i}`).id;
    for (let i = 0; i < 2_000; i++) batch.breakers[i] = registry.get(`endpoint ${i}`).id;
    batch.outcomes.fill(FAILURE);
    const heard = new Set<string>();
    registry.on("opened", ({ endpoint }) => heard.add(endpoint));
    registry.reportBatch(batch, 2_000, 5);
    expect(heard.size).toBe(2_000);
  });

  it("refuses a bad entry before anything is done", () => {
    const registry = createRegistry({ defaults });
    const breaker = registry.get("a");
    const batch = registry.batch(4);
    batch.breakers.fill(breaker.id);
    batch.outcomes.fill(SUCCESS);
    for (const id of [0, 7, breaker.id + 8, 0xffff_ffd8]) {
      batch.breakers[2] = id;
      expect(() => registry.reportBatch(batch, 4, 1)).toThrow(/entry 2 of the batch must name a breaker/);
    }
    batch.breakers[2] = breaker.id;
    for (const weight of [0, 1_000_001]) {
      batch.weights[3] = weight;
      expect(() => registry.reportBatch(batch, 4, 1)).toThrow(
        /entry 3 of the batch .* weight from 1 to 1000000/,
      );
    }
    expect(breaker.snapshot(1).calls).toBe(0);
    for (const count of [-1, 5, 1.5]) {
      expect(() => registry.reportBatch(batch, count, 1)).toThrow(/count must be a whole number from 0 to 4/);
    }
    expect(() => registry.batch(0)).toThrow(/size must be a whole number from 1 to 1048576/);
  });
});
