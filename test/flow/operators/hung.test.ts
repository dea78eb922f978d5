import { describe, expect, it } from "vitest";
import { compile } from "../../../src/trickle/compile.ts";
import { guarded } from "./guarded.ts";

/** Ten slices of 100 ms; two events give a verdict. */
const HANGING = {
  detector: {
    kind: "success_rate_over_time_window",
    window_ms: 1_000,
    minimum_calls: 2,
    hung_after_ms: 300,
  },
  backoff: { kind: "constant", delay_ms: 1_000 },
};

describe("a sink that answers no more", () => {
  it("opens the breaker at the first tick after hung_after_ms, and what it answers then is late", async () => {
    const { graph, breaker, cb, overflow, push, at } = await guarded(HANGING);
    push("a", 0);
    push("b", 99);
    graph.signal({ kind: "tick", atMs: 399 });
    expect(breaker?.state).toBe("closed");
    graph.signal({ kind: "tick", atMs: 400 });
    expect(cb.data).toMatchObject([
      { kind: "opened", cause: "hung_calls", at_ms: 400, calls: 2, failures: 2, success_rate: 0 },
    ]);
    push("c", 401);
    expect(overflow.data).toEqual(["c"]);
    at(410).ack(0);
    expect(breaker?.snapshot(410)).toMatchObject({ state: "open", late: 1, pending: 0 });
  });

  it("opens nothing when it answers in time, whatever the answer has to wait for", async () => {
    const { graph, breaker, push, at } = await guarded(HANGING);
    push("a", 0);
    push("b", 0);
    at(399).ack(0);
    at(399).ack(1);
    graph.signal({ kind: "tick", atMs: 400 });
    expect(breaker?.snapshot(400)).toMatchObject({ state: "closed", calls: 2, failures: 0, hung: 0 });
  });
});

describe("hung_after_ms", () => {
  it("is an option of the detector in a pipeline, refused there where it is out of range", () => {
    const pipeline = (value: number) => `
      define operator cb from qos::circuit_breaker
      with detector = {"kind": "success_rate_over_time_window", "hung_after_ms": ${value}} end;
      create operator cb;
      select event from in into cb;
      select event from cb into out;
      select event from cb/overflow into out/overflow;`;
    expect(compile(pipeline(8_000)).warnings).toEqual([]);
    expect(() => compile(pipeline(9_000))).toThrow("detector.hung_after_ms must be 1 to 8000, got 9000");
  });
});
