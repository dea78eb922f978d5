/** A circuit breaker in the usual complete pipeline, with a hand at every port. */
import { expect, onTestFinished } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { CATALOG, type OperatorHost } from "../../../src/flow/operators/catalog.ts";
import type { Operator } from "../../../src/flow/protocol/operator.ts";
import { graphOf, HandSink, started } from "../graph-fixture.ts";

/** Opens after two failures in a row, for a second. */
export const TWO_FAILURES = {
  detector: { kind: "consecutive_failures", failures: 2 },
  backoff: { kind: "constant", delay_ms: 1_000 },
};

/** Makes an operator of the catalog. */
export function operatorOf(type: string, options: Record<string, unknown>, host: OperatorHost): Operator {
  const definition = CATALOG.get(type);
  if (definition === undefined) throw new Error(`no ${type}`);
  return definition.create(definition.read(options), host);
}

export function circuitBreaker(options: Record<string, unknown>, registry: CircuitBreakerRegistry): Operator {
  return operatorOf("qos::circuit_breaker", options, { registry });
}

/** A registry whose clock no operator reads: the test fails if one does. */
export function unreadRegistry(seed = 1): CircuitBreakerRegistry {
  let readings = 0;
  const clock = () => readings++;
  const registry = new CircuitBreakerRegistry({ seed, clock });
  readings = 0; // the constructor reads it once
  onTestFinished(() => expect(readings, "readings of the registry's clock").toBe(0));
  return registry;
}

/** `in → cb → out`, with every other port of the breaker at an output of its name; the endpoint is "cb". */
export async function guarded(
  options: Record<string, unknown> = TWO_FAILURES,
  answer: HandSink["answer"] = "hold",
) {
  const registry = unreadRegistry();
  const links = [
    "in > cb",
    "cb > out/out",
    "cb/overflow > out/overflow",
    "cb/cb > out/cb",
    "cb/err > out/err",
  ];
  const graph = graphOf({ cb: circuitBreaker(options, registry) }, ...links);
  const sinks = {
    out: new HandSink(answer),
    overflow: new HandSink(),
    cb: new HandSink(),
    err: new HandSink(),
  };
  const time = { nowMs: 0 };
  await started(graph, sinks, () => time.nowMs);
  const push = (data: unknown, atMs: number): void => graph.push(0, { data }, atMs);
  const at = (nowMs: number): HandSink => {
    time.nowMs = nowMs;
    return sinks.out;
  };
  return { graph, registry, breaker: registry.peek("cb"), ...sinks, push, at };
}

/** The pipeline above with its breaker open from 20 ms to 1,020 ms: two events have failed. */
export async function opened(options: Record<string, unknown> = TWO_FAILURES) {
  const pipeline = await guarded(options);
  pipeline.push("a", 10);
  pipeline.push("b", 10);
  pipeline.at(20).fail(0);
  pipeline.at(20).fail(1);
  return pipeline;
}
