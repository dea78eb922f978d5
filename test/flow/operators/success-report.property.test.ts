import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry, snapshots } from "../../../src/entry/main.ts";
import type { Graph } from "../../../src/flow/graph/graph.ts";
import type { OperatorHost } from "../../../src/flow/operators/host.ts";
import type { FlowEvent } from "../../../src/flow/protocol/event.ts";
import { graphOf, HandSink, started } from "../graph-fixture.ts";
import { opened, operatorOf } from "./guarded.ts";

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

/** Options by which each way to report is taken: columns where durations and pending calls count, else the fast path. */
const TIME_WINDOW = { kind: "success_rate_over_time_window", window_ms: 1_000, minimum_calls: 5 };
const REST = {
  backoff: { kind: "constant", delay_ms: 200 },
  half_open: { probes: 3, successes_to_close: 4 },
};
const CASES: Record<string, Record<string, unknown>> = {
  "judge durations and calls that hang": {
    ...REST,
    detector: { ...TIME_WINDOW, slow_call_ms: 50, hung_after_ms: 300 },
  },
  "judge durations": { ...REST, detector: { ...TIME_WINDOW, slow_call_ms: 50 } },
  "judge outcomes alone": { ...REST, detector: TIME_WINDOW },
  "judge by several detectors": {
    ...REST,
    detector: [
      TIME_WINDOW,
      { kind: "success_rate_over_count_window", calls: 20 },
      { kind: "consecutive_failures", failures: 4 },
    ],
  },
  throttle: { backoff: REST.backoff, detector: TIME_WINDOW, overload: "throttle" },
  "admit events in shadow": { ...REST, detector: TIME_WINDOW, mode: "shadow" },
};

/** How the events of the breakers come to the sinks. */
const SHAPES: Record<string, (options: Record<string, unknown>, host: OperatorHost) => Graph> = {
  "go to two sinks": (options, host) =>
    graphOf(
      { cb: operatorOf("qos::circuit_breaker", options, host) },
      "in > cb",
      "cb > out/out",
      "cb > out/copy",
      "cb/overflow > out/overflow",
      "cb/cb > out/cb",
    ),
  "are joined, and copied to one sink": (options, host) =>
    graphOf(
      {
        cb: operatorOf("qos::circuit_breaker", options, host),
        join: operatorOf("generic::batch", { count: 3 }, host),
        pass: operatorOf("generic::passthrough", {}, host),
        second: operatorOf("qos::circuit_breaker", { ...options, endpoint: "second" }, host),
      },
      "in > cb",
      "cb > join",
      "join > second",
      "second > out/out",
      "cb > pass",
      "pass > out/copy",
      "cb > out/copy",
      "cb/overflow > out/overflow",
      "cb/cb > out/cb",
    ),
};

/** Plays the responses; `ackAll` says whether a response of many acks is one answer. Returns everything that can be seen. */
async function play(
  responses: readonly Response[],
  isTogether: boolean,
  options: Record<string, unknown>,
  shape: (typeof SHAPES)[string],
): Promise<unknown> {
  const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => 0 });
  const endpoint = ({ data }: FlowEvent) => `endpoint ${String((data as { endpoint: number }).endpoint)}`;
  const graph = shape({ ...options, endpoint }, { registry });
  const [out, copy, overflow, events] = [
    new HandSink("hold", "out"),
    new HandSink("hold", "copy"),
    new HandSink("hold", "overflow"),
    new HandSink("ack", "cb"),
  ];
  let nowMs = 0;
  await started(graph, { out, copy, overflow, cb: events }, () => nowMs);
  for (const { endpoints, isFailed, durationMs, pauseMs, isForked } of responses) {
    for (const number of endpoints) graph.push(0, { data: { endpoint: number } }, nowMs);
    nowMs += pauseMs;
    const sinks = isForked ? [copy, out, overflow] : [out, copy, overflow];
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
  it("end refused events, which have no ticket", async () => {
    const { graph, push, overflow } = await opened();
    overflow.answer = "hold";
    for (const data of [1, 2, 3]) push(data, 100);
    overflow.context.ackAll(overflow.events, 1);
    expect(graph.accounting).toMatchObject({ overflow: 3, inFlight: 0 });
  });

  const cases = Object.keys(CASES).flatMap((name) => Object.keys(SHAPES).map((shape) => [name, shape]));

  it.each(cases)("leave breakers that %s, and events that %s, as acks one by one do", async (name, shape) => {
    const options = CASES[name!]!;
    const graph = SHAPES[shape!]!;
    await fc.assert(
      fc.asyncProperty(fc.array(RESPONSE, { maxLength: 15 }), async (responses) => {
        expect(await play(responses, true, options, graph)).toEqual(
          await play(responses, false, options, graph),
        );
      }),
      { numRuns: 40 },
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

  it("count an event once that is named twice in one answer", async () => {
    const graph = graphOf({}, "in > out/out");
    const out = new HandSink("hold");
    await started(graph, { out });
    for (const data of [1, 2]) graph.push(0, { data }, 0);
    out.context.ackAll([...out.events, ...out.events], 1);
    expect(graph.accounting).toMatchObject({ delivered: 2, answeredTwice: 2, inFlight: 0 });
    expect(graph.takenBy(out)).toBe(2);
  });

  it("read the clock once", async () => {
    const graph = graphOf({}, "in > out/out");
    const out = new HandSink("hold");
    let readings = 0;
    await started(graph, { out }, () => readings++);
    for (const data of [1, 2, 3]) graph.push(0, { data }, 0);
    const before = readings;
    out.context.ackAll(out.events, 1);
    expect(readings - before).toBe(1);
  });
});
