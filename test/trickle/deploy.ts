/** Pipelines at work. */
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import type { Graph } from "../../src/flow/graph/graph.ts";
import { compile } from "../../src/trickle/compile.ts";
import { HandSink } from "../flow/graph-fixture.ts";

/** A deployed pipeline with a sink at every output, on a clock that stands still. */
export async function run(text: string, answers: Readonly<Record<string, "ack" | "fail">> = {}) {
  const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => 0 });
  const program = compile(text);
  const graph = program.deploy({ registry });
  const sinks: Record<string, HandSink> = {};
  for (const port of program.outputs) {
    const sink = new HandSink(answers[port] ?? "ack", port);
    sinks[port] = sink;
    graph.attach(port, sink);
  }
  await graph.start(0);
  return { registry, program, graph, data: (port: string) => sinks[port]?.data, sinks };
}

export function push(graph: Graph, ...events: readonly unknown[]): void {
  events.forEach((data) => {
    graph.push(0, { data }, 0);
  });
}
