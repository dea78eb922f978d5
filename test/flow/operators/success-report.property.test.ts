import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry, snapshots } from "../../../src/entry/main.ts";
import type { FlowEvent } from "../../../src/flow/protocol/event.ts";
import { graphOf, HandSink, started } from "../graph-fixture.ts";
import { operatorOf } from "./guarded.ts";

/** How a sink answers events that it was given together. */
interface Response {
  /** Endpoints of the events. */
  readonly endpoints: readonly number[];
  readonly isFailed: boolean;
  readonly durationMs: number;
  readonly pauseMs: number;
  /** The events go to two sinks, and the other one answers first. */
  readonly isForked: boolean;
}

const OPTIONS = {
  detector: {
    kind: "success_rate_over_time_window",
    window_ms: 1_000,
    minimum_calls: 5,
    slow_call_ms: 50,
    hung_after_ms: 300,
  },
  backoff: { kind: "constant", delay_ms: 200 },
  half_open: { probes: 3, successes_to_close: 4 },
};

/** Plays the responses; `ackAll` says whether a response of many acks is one answer. Returns everything that can be seen. */
async function play(responses: readonly Response[], isTogether: boolean): Promise<unknown> {
  const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => 0 });
  const endpoint = ({ data }: FlowEvent) => `endpoint ${String((data as { endpoint: number }).endpoint)}`;
  const cb = operatorOf("qos::circuit_breaker", { ...OPTIONS, endpoint }, { registry });
  const graph = graphOf(
    { cb },
    "in > cb",
    "cb > out/out",
    "cb > out/copy",
    "cb/overflow > out/overflow",
    "cb/cb > out/cb",
  );
  const [out, copy, events] = [
    new HandSink("hold", "out"),
    new HandSink("hold", "copy"),
    new HandSink("ack", "cb"),
  ];
  let nowMs = 0;
  await started(graph, { out, copy, overflow: new HandSink(), cb: events }, () => nowMs);
  for (const { endpoints, isFailed, durationMs, pauseMs, isForked } of responses) {
    for (const number of endpoints) graph.push(0, { data: { endpoint: number } }, nowMs);
    nowMs += pauseMs;
    const sinks = isForked ? [copy, out] : [out, copy];
    for (const sink of sinks) {
      const taken = sink.events.splice(0);
      if (isFailed && sink === sinks[1]) sink.context.failAll(taken, { error: "told to" }, durationMs);
      else if (isTogether) sink.context.ackAll(taken, durationMs);
      else for (const event of taken) sink.context.ack(event, durationMs);
    }
    graph.signal({ kind: "tick", atMs: nowMs });
  }
  return {
    accounting: { ...graph.accounting },
    breakers: snapshots(registry, nowMs),
    events: events.data,
    taken: [graph.takenBy(out), graph.takenBy(copy)],
  };
}

const RESPONSE: fc.Arbitrary<Response> = fc.record({
  endpoints: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 90 }),
  isFailed: fc.boolean(),
  durationMs: fc.constantFrom(1, 60, Number.NaN),
  pauseMs: fc.integer({ min: 0, max: 400 }),
  isForked: fc.boolean(),
});

describe("many acks in one answer", () => {
  it("leave everything as acks one by one do", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(RESPONSE, { maxLength: 20 }), async (responses) => {
        expect(await play(responses, true)).toEqual(await play(responses, false));
      }),
      { numRuns: 150 },
    );
  });

  it("count an event that was answered before as answered twice", async () => {
    const graph = graphOf({}, "in > out/out");
    const out = new HandSink("hold");
    await started(graph, { out });
    for (const data of [1, 2, 3]) graph.push(0, { data }, 0);
    out.ack(1);
    out.context.ackAll(out.events, 1);
    expect(graph.accounting).toMatchObject({ delivered: 3, answeredTwice: 1, inFlight: 0 });
    expect(graph.takenBy(out)).toBe(3);
  });
});
