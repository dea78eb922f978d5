import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { CATALOG } from "../../../src/flow/operators/catalog.ts";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import { Select } from "../../../src/flow/operators/select.ts";
import type { Operator } from "../../../src/flow/protocol/operator.ts";
import { Workbench } from "../../../src/flow/testing/index.ts";

function breaker(options: Record<string, unknown>): Operator {
  const definition = CATALOG.get("qos::circuit_breaker");
  if (definition === undefined) throw new Error("no breaker");
  const settings = definition.read({
    detector: { kind: "consecutive_failures", failures: 1 },
    backoff: { kind: "constant", delay_ms: 100 },
    ...options,
  });
  return definition.create(settings, { registry: new CircuitBreakerRegistry() });
}

describe("a workbench", () => {
  it("shows what leaves an operator by which port", async () => {
    const bench = await Workbench.of(new Select({ where: ({ data }) => (data as { ok: boolean }).ok }));
    bench.push({ ok: true });
    bench.push({ ok: false }, { atMs: 1, meta: { from: "test" } });
    bench.push(null, { atMs: 2 });
    expect(bench.sink("out").data).toEqual([{ ok: true }]);
    expect(bench.sink("err").data).toEqual([null]);
    expect(await bench.end()).toMatchObject({ read: 3, delivered: 1, filtered: 1, err: 1, inFlight: 0 });
  });

  it("tells the operator what the sinks answer, and shows what it says upstream", async () => {
    const bench = await Workbench.of(breaker({ method: "pause" }), "hold");
    bench.push("a", { atMs: 10 });
    expect(bench.graph.triggered).toBe(false);
    bench.sink("out").fail(0);
    expect(bench.graph.triggered).toBe(true);
    bench.signal("tick", 200);
    expect(bench.graph.triggered).toBe(false);
  });

  it("feeds any input port", async () => {
    const bench = await Workbench.of(breaker({}));
    bench.push("bad", { atMs: 1, port: "err" });
    bench.push("refused", { atMs: 2 });
    expect(bench.sink("err").data).toEqual(["bad"]);
    expect(bench.sink("overflow").data).toEqual(["refused"]);
    expect(bench.sink("cb").data).toMatchObject([{ kind: "opened" }]);
  });

  it("knows the ports of the operator", async () => {
    const bench = await Workbench.of(new Passthrough());
    expect(() => bench.sink("nowhere")).toThrow(new TypeError("the operator has no output nowhere"));
  });
});
