import { describe, expect, it } from "vitest";
import { isOptionError } from "../../src/breaker/validate.ts";
import {
  acquireBatch,
  type Batch,
  createBatch,
  FAILURE,
  NONE,
  RELEASE,
  reportBatch,
  SUCCESS,
} from "../../src/features/batch.ts";
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
    const batch = createBatch(registry, 300);
    let random = 12_345;
    const randomBelow = (below: number) => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((random / 2 ** 32) * below);
    };
    for (let now = 0; now < 3_000; now += 37) {
      const count = 1 + randomBelow(300);
      const picks = Array.from({ length: count }, () => names[randomBelow(3)]!);
      picks.forEach((name, i) => {
        batch.breakers[i] = registry.get(name).id;
      });
      const tickets = picks.map((name) => twin.get(name).tryAcquire(now));
      const admitted = acquireBatch(batch, count, now);
      expect([...batch.tickets.subarray(0, count)]).toEqual(tickets);
      expect(admitted).toBe(tickets.filter((ticket) => ticket !== 0).length);
      picks.forEach((name, i) => {
        if (tickets[i] === 0) return;
        const outcome = [SUCCESS, SUCCESS, FAILURE, RELEASE, NONE][randomBelow(5)]!;
        const [weight, duration] = [1 + randomBelow(3), randomBelow(60)];
        batch.outcomes[i] = outcome;
        batch.weights[i] = weight;
        batch.durations[i] = duration;
        const breaker = twin.get(name);
        if (outcome === SUCCESS) breaker.onSuccess(tickets[i]!, now + 1, duration, weight);
        if (outcome === FAILURE) breaker.onFailure(tickets[i]!, now + 1, duration, weight);
        if (outcome === RELEASE) breaker.release(tickets[i]!, now + 1);
      });
      reportBatch(batch, count, now + 1);
      for (const name of names) {
        expect(registry.get(name).snapshot(now + 1)).toEqual(twin.get(name).snapshot(now + 1));
      }
    }
    expect(twin.get("a").snapshot().generation).toBeGreaterThan(3);
  });

  it("counts a call that was not acquired while the breaker is closed, and as late otherwise", () => {
    const registry = createRegistry({ defaults });
    const breaker = registry.get("a");
    const batch = createBatch(registry, 20);
    batch.breakers.fill(breaker.id);
    batch.outcomes.fill(FAILURE);
    reportBatch(batch, 12, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ state: "open", late: 2 });
  });

  it("emits an event for every transition, also for more of them than the journal holds", () => {
    const registry = createRegistry({
      defaults: { detector: { kind: "consecutive_failures", failures: 1 } },
    });
    const batch = createBatch(registry, 2_000);
    const ids = Array.from({ length: 2_000 }, (_, i) => registry.get(`endpoint ${i}`).id);
    batch.breakers.set(ids);
    batch.outcomes.fill(FAILURE);
    const opened: string[] = [];
    registry.on("opened", ({ endpoint }) => opened.push(endpoint));
    reportBatch(batch, 2_000, 5);
    expect(opened).toEqual(Array.from({ length: 2_000 }, (_, i) => `endpoint ${i}`));
    const halfOpened: string[] = [];
    registry.on("half_opened", ({ endpoint }) => halfOpened.push(endpoint));
    expect(acquireBatch(batch, 2_000, 100_000)).toBe(2_000);
    expect(halfOpened).toEqual(opened);
  });

  it("takes its time from the clock of the registry where none is given", () => {
    let nowMs = 7_000;
    const registry = createRegistry({ defaults, clock: () => nowMs });
    const breaker = registry.get("a");
    const batch = createBatch(registry, 10);
    batch.breakers.fill(breaker.id);
    acquireBatch(batch, 10);
    batch.outcomes.fill(FAILURE);
    nowMs = 7_050;
    reportBatch(batch, 10);
    expect(breaker.retryAfterMs()).toBe(100);
  });

  it("refuses a bad entry before anything is done", () => {
    const registry = createRegistry({ defaults });
    const breaker = registry.get("a");
    const batch = createBatch(registry, 4);
    batch.breakers.fill(breaker.id);
    batch.outcomes.fill(SUCCESS);
    for (const id of [0, 7, breaker.id + 8, 0xffff_ffd8]) {
      batch.breakers[2] = id;
      for (const act of [acquireBatch, reportBatch]) {
        expect(() => act(batch, 4, 1)).toThrow(
          new RangeError(`breakers[2] of the batch must be the id of a breaker of its registry, got ${id}`),
        );
      }
    }
    batch.breakers[2] = breaker.id;
    for (const weight of [0, 1_000_001, 0xffff_ffff]) {
      batch.weights[3] = weight;
      expect(() => reportBatch(batch, 4, 1)).toThrow(
        new RangeError(`weights[3] of the batch must be 1 to 1000000, got ${weight}`),
      );
    }
    reportBatch(batch, 3, 1);
    expect(breaker.snapshot(1).calls).toBe(3);
  });

  it("refuses a bad count, size or time before anything is done", () => {
    const registry = createRegistry({ defaults });
    const batch = createBatch(registry, 4);
    batch.breakers.fill(registry.get("a").id);
    batch.outcomes.fill(SUCCESS);
    for (const count of [-1, 5, 1.5, Number.NaN, "2" as never]) {
      expect(() => reportBatch(batch, count, 1)).toThrow(/^count must be a whole number from 0 to 4, got /);
    }
    for (const size of [0, 1.5, 1_048_577, Number.NaN]) {
      expect(() => createBatch(registry, size)).toThrow(expect.toSatisfy(isOptionError) as Error);
      expect(() => createBatch(registry, size)).toThrow(
        `size must be a whole number from 1 to 1048576, got ${size}`,
      );
    }
    for (const nowMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => reportBatch(batch, 4, nowMs)).toThrow(/^nowMs must be 0 to \d+ \(ms\), got /);
    }
    expect(registry.get("a").snapshot(1).calls).toBe(0);
  });

  it("reports to deleted breakers without effect", () => {
    const registry = createRegistry({ defaults });
    const batch = createBatch(registry, 1);
    const breaker = registry.get("a");
    batch.breakers[0] = breaker.id;
    acquireBatch(batch, 1, 1_000);
    registry.delete("a");
    batch.outcomes[0] = FAILURE;
    reportBatch(batch, 1, 1_000);
    batch.breakers[0] = breaker.id;
    expect(acquireBatch(batch, 1, 1_000)).toBe(0);
  });

  it("gives its memory to the next batch when it is disposed of", () => {
    const registry = createRegistry({ defaults });
    const { id } = registry.get("a");
    const addresses = new Set<number>();
    for (let round = 0; round < 1_000; round++) {
      using batch = createBatch(registry, 1_000);
      addresses.add(batch.durations.byteOffset).add(batch.breakers.byteOffset);
      expect([batch.breakers[0], batch.weights[999], batch.durations[999], batch.outcomes[999]]).toEqual([
        0,
        1,
        Number.NaN,
        NONE,
      ]);
      batch.breakers.fill(id);
      batch.weights.fill(7);
      batch.durations.fill(8);
      batch.outcomes.fill(SUCCESS);
      reportBatch(batch, 1_000, 1_000 + round);
    }
    expect(addresses.size).toBeLessThan(10);
    const batch: Batch = createBatch(registry, 1_000);
    batch[Symbol.dispose]();
    batch[Symbol.dispose]();
    expect(() => acquireBatch(batch, 1)).toThrow("count must be a whole number from 0 to 0, got 1");
    expect(createBatch(registry, 1_000).breakers.byteOffset).not.toBe(
      createBatch(registry, 1_000).breakers.byteOffset,
    );
  });
});
