import { describe, expect, it } from "vitest";
import { CallTraceBuilder, FAILURE, REFUSED, SUCCESS } from "../../../src/replay/calls/call-trace.ts";
import { EndQueue } from "../../../src/replay/whatif/end-queue.ts";
import { outagesOf } from "../../../src/replay/whatif/outages.ts";
import { replayCalls } from "../../../src/replay/whatif/replay-calls.ts";

const FIVE_IN_A_ROW = {
  detector: { kind: "consecutive_failures", failures: 5 },
  backoff: { kind: "constant", delayMs: 1_000 },
} as const;

/** A call every 10 ms for 20 s; those from 10 s to 12.5 s fail. */
function oneOutage(durationMs = 0, weight = 1) {
  const builder = new CallTraceBuilder();
  for (let ms = 0; ms < 20_000; ms += 10) {
    const fails = ms >= 10_000 && ms < 12_500;
    builder.add("a", 1_000_000 + ms, durationMs, fails ? FAILURE : SUCCESS, weight);
  }
  return builder.build();
}

describe("replaying calls with other options", () => {
  it("counts what would have been refused, by what it would have become", () => {
    const { total, endpoints, events } = replayCalls(oneOutage(), { defaults: FIVE_IN_A_ROW });
    // Opens with the failure at 10.040; probes at 11.040, 12.040 (fail) and 13.040 (succeeds).
    expect(endpoints[0]?.openings).toEqual([
      {
        endpoint: "a",
        cause: "consecutive_failures",
        atMs: 1_010_040,
        closedMs: 1_013_040,
        calls: 5,
        failures: 5,
        slow: 0,
        reopened: 2,
      },
    ]);
    expect(total).toEqual({
      calls: 2_000,
      failed: 7, // five, and two probes
      failedSaved: 243,
      goodRefused: 54, // 12.500 to 13.030
      succeeded: 1_750 - 54,
      probes: 3,
      unknown: 0,
      unknownRefused: 0,
    });
    expect(events.map(({ kind }) => kind)).toEqual([
      "opened",
      "half_opened",
      "opened",
      "half_opened",
      "opened",
      "half_opened",
      "closed",
    ]);
  });

  it("reports a call when it ends, so that slow failures are noticed later", () => {
    const { endpoints } = replayCalls(oneOutage(3_000), { defaults: FIVE_IN_A_ROW });
    expect(endpoints[0]?.openings[0]?.atMs).toBe(1_013_040);
    expect(endpoints[0]?.outages).toMatchObject([{ fromMs: 1_013_000, noticedAfterMs: 40 }]);
  });

  it("gives an endpoint its own options", () => {
    const { endpoints } = replayCalls(oneOutage(), { endpoints: { a: { mode: "disabled" } } });
    expect(endpoints[0]).toMatchObject({ openings: [], goodRefused: 0, failedSaved: 0, failed: 250 });
    expect(endpoints[0]?.outages[0]?.noticedAfterMs).toBeUndefined();
  });

  it("lets one of many calls of an entry through as a probe", () => {
    const { total } = replayCalls(oneOutage(0, 100), { defaults: FIVE_IN_A_ROW });
    expect(total.calls).toBe(200_000);
    expect(total.failed).toBe(100 + 2); // opens with the first entry, at 10.000
  });

  it("takes a recorded refusal as a call without an outcome", () => {
    const builder = new CallTraceBuilder();
    for (let ms = 0; ms < 50; ms++) builder.add("a", 1_000 + ms, 0, ms < 5 ? FAILURE : REFUSED);
    const { total } = replayCalls(builder.build(), { defaults: FIVE_IN_A_ROW });
    expect(total).toMatchObject({ failed: 5, unknownRefused: 45, unknown: 0 });
    const lenient = replayCalls(builder.build(), { defaults: { mode: "shadow" } });
    expect(lenient.total).toMatchObject({ failed: 5, unknownRefused: 0, unknown: 45 });
  });

  it("gives the same result for the same seed, another one for another", () => {
    const options = {
      ...FIVE_IN_A_ROW,
      backoff: { kind: "constant", delayMs: 1_000, jitter: "full" },
    } as const;
    const run = (seed: number) => JSON.stringify(replayCalls(oneOutage(), { defaults: options, seed }));
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });

  it("names a bad option", () => {
    expect(() => replayCalls(oneOutage(), { model: { capacity: 0 } })).toThrow(
      "model.capacity must be 0.001 to 1000000000, got 0",
    );
    expect(() => replayCalls(oneOutage(), { default: {} } as object)).toThrow('unknown option "default"');
  });
});

describe("a model of the endpoint", () => {
  /** 200 calls a second of which the endpoint bears 100: every second one failed. */
  function overload() {
    const builder = new CallTraceBuilder();
    for (let i = 0; i < 6_000; i++) builder.add("a", 1_000_000 + i * 5, 10, i % 2 ? FAILURE : SUCCESS);
    return builder.build();
  }

  it("fails the calls above its capacity, and no others when less is sent", () => {
    const overloaded = replayCalls(overload(), { defaults: { mode: "shadow" }, model: { capacity: 100 } });
    expect(overloaded.isSimulated).toBe(true);
    expect(overloaded.total.failed).toBeGreaterThan(5_800);
    const enough = replayCalls(overload(), { defaults: { mode: "shadow" }, model: { capacity: 200 } });
    expect(enough.total.failed).toBe(3_000); // load was not the reason
    const throttled = replayCalls(overload(), {
      defaults: { overload: "throttle" },
      model: { capacity: 100 },
    });
    expect(throttled.total.succeeded).toBeGreaterThan(1_000);
    expect(throttled.total.failed).toBeLessThan(overloaded.total.failed / 2);
  });

  it("keeps an outage that load does not explain", () => {
    const { total } = replayCalls(oneOutage(), { defaults: { mode: "shadow" }, model: { capacity: 1_000 } });
    expect(total.failed).toBe(250);
  });
});

describe("outages of a trace", () => {
  it("begin with the first failure and end with the last, over short gaps", () => {
    expect(outagesOf(oneOutage())).toEqual([
      { endpoint: 0, fromMs: 1_010_000, toMs: 1_012_490, calls: 300, failures: 250 }, // whole seconds
    ]);
  });

  it("are separate where a good second lies between, and none below five failures", () => {
    const builder = new CallTraceBuilder();
    const second = (number: number, calls: number, outcome: number) => {
      for (let i = 0; i < calls; i++) builder.add("a", number * 1_000 + i, 0, outcome);
    };
    second(1, 10, FAILURE);
    second(2, 10, SUCCESS);
    second(3, 5, FAILURE);
    second(20, 4, FAILURE);
    expect(outagesOf(builder.build()).map(({ fromMs, failures }) => [fromMs, failures])).toEqual([
      [1_000, 10],
      [3_000, 5],
    ]);
  });
});

describe("the queue of ends", () => {
  it("gives the earliest first, and of equal times the one that came first", () => {
    const queue = new EndQueue();
    const times = Array.from({ length: 500 }, (_, i) => (i * 7_919) % 97);
    for (const [call, time] of times.entries()) queue.add(time, call);
    const expected = times.map((time, call) => [time, call]).sort(([a], [b]) => a! - b!);
    const got: number[][] = [];
    while (queue.size > 0) got.push([queue.nextMs, queue.take()]);
    expect(got).toEqual(expected);
    expect(queue.nextMs).toBe(Infinity);
  });
});
