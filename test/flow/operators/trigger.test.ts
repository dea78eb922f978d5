import { describe, expect, it } from "vitest";
import { CATALOG } from "../../../src/flow/operators/catalog.ts";
import { graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";
import { operatorOf, TWO_FAILURES, unreadRegistry } from "./guarded.ts";

/** Options of each operator, and whether it acts on a trigger of a sink behind it. */
const OPERATORS: Record<string, { options: Record<string, unknown>; acts: boolean }> = {
  "qos::circuit_breaker": { options: TWO_FAILURES, acts: true },
  "qos::backpressure": { options: { timeout: 1_000_000_000 }, acts: true },
  "generic::backpressure": { options: { timeout: 1_000_000_000 }, acts: true },
  "qos::roundrobin": { options: {}, acts: true },
  "qos::percentile": { options: { timeout: 1_000_000_000 }, acts: false },
  "generic::batch": { options: { count: 1 }, acts: false },
  "generic::passthrough": { options: {}, acts: false },
  passthrough: { options: {}, acts: false },
};
const CASES = Object.entries(OPERATORS).map(([type, { options, acts }]) => ({ type, options, acts }));

const kindsAt = (before: Witness): string[] =>
  before.insights.map(({ kind }) => kind).filter((kind) => kind === "trigger" || kind === "restore");

/** `in → before → op → out`, and a breaker behind it whose refused events go to a sink of their own. */
async function withRefused(type: string, options: Record<string, unknown>) {
  const registry = unreadRegistry();
  const before = new Witness();
  const op = operatorOf(type, options, { registry });
  const last = operatorOf("qos::circuit_breaker", { ...TWO_FAILURES, endpoint: "last" }, { registry });
  const links = ["in > before", "before > op", "op > last", "last > out/out", "last/overflow > out/overflow"];
  const direct = op.outputs.includes("overflow") ? ["op/overflow > out/refused"] : [];
  const graph = graphOf({ before, op, last }, ...links, ...direct);
  const sinks = { out: new HandSink(), overflow: new HandSink() };
  const refused = new HandSink();
  await started(graph, direct.length > 0 ? { ...sinks, refused } : sinks);
  before.insights.length = 0;
  return { graph, before, ...sinks, refused, hasOverflow: direct.length > 0 };
}

/** `in → before → cb → out`, with the operator on the way of what the breaker refuses. */
async function onWayOfRefused(type: string, options: Record<string, unknown>) {
  const registry = unreadRegistry();
  const before = new Witness();
  const op = operatorOf(type, options, { registry });
  const cb = operatorOf("qos::circuit_breaker", { ...TWO_FAILURES, endpoint: "first" }, { registry });
  const links = ["in > before", "before > cb", "cb > out/out", "cb/overflow > op", "op > out/overflow"];
  const graph = graphOf({ before, op, cb }, ...links);
  const sinks = { out: new HandSink(), overflow: new HandSink() };
  await started(graph, sinks);
  before.insights.length = 0;
  return { graph, before, registry, ...sinks };
}

describe("a trigger of a sink that takes only refused events", () => {
  it("is tried with every operator of the catalog", () => {
    expect(Object.keys(OPERATORS).sort()).toEqual([...CATALOG.keys()].sort());
  });

  it.each(CASES)("changes nothing on the way out of $type, and goes on upstream", async (one) => {
    const { graph, before, out, overflow, refused, hasOverflow } = await withRefused(one.type, one.options);
    overflow.context.contraflow("trigger");
    if (hasOverflow) refused.context.contraflow("trigger");
    const kinds = hasOverflow ? ["trigger", "trigger"] : ["trigger"];
    expect([kindsAt(before), graph.triggered]).toEqual([kinds, true]);
    pushAll(graph, ["a", "b", "c"], 10);
    expect([out.events.length, refused.events.length]).toEqual([3, 0]);
    overflow.context.contraflow("restore");
    if (hasOverflow) refused.context.contraflow("restore");
    expect(graph.triggered).toBe(false);
  });

  it.each(CASES)("does not open the breaker that refuses them, by way of $type", async (one) => {
    const { graph, before, out, overflow, registry } = await onWayOfRefused(one.type, one.options);
    overflow.context.contraflow("trigger");
    expect(registry.peek("first")?.mode).toBe("enabled");
    pushAll(graph, ["a", "b"], 10);
    expect(out.data).toEqual(["a", "b"]);
    // An operator whose own way out leads there acts on it: a breaker and discarding back pressure refuse, round robin stops upstream.
    const isPassedOn = !one.acts || one.type === "qos::roundrobin";
    expect(kindsAt(before)).toEqual(isPassedOn ? ["trigger"] : []);
    overflow.context.contraflow("restore");
    expect(graph.triggered).toBe(false);
  });

  it.each(CASES.filter(({ acts }) => !acts))("passes $type, as one of a sink at out does", async (one) => {
    const { graph, before, out } = await withRefused(one.type, one.options);
    out.context.contraflow("trigger");
    // The breaker behind it acts: it refuses.
    expect([kindsAt(before), graph.triggered]).toEqual([[], false]);
    pushAll(graph, ["a"], 10);
    expect(graph.accounting).toMatchObject({ overflow: 1 });
  });
});
