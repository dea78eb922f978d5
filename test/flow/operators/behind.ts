/** An operator of the catalog between `in` and sinks that wait to be told. */
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { graphOf, HandSink, started, Witness } from "../graph-fixture.ts";
import { operatorOf } from "./guarded.ts";

/** `in → before → op → out`, every output of the operator at an output of its name. */
export async function behind(type: string, options: Record<string, unknown>) {
  const before = new Witness();
  const op = operatorOf(type, options, { registry: new CircuitBreakerRegistry({ clock: () => 0 }) });
  const links = op.outputs.map((port) => `op/${port} > out/${port}`);
  const graph = graphOf({ before, op }, "in > before", "before > op", ...links);
  const sinks = Object.fromEntries(op.outputs.map((port) => [port, new HandSink("hold")]));
  const time = { nowMs: 0 };
  await started(graph, sinks, () => time.nowMs);
  before.insights.length = 0;
  const sinkAt = (port: string): HandSink => sinks[port] ?? new HandSink();
  return {
    graph,
    before,
    sinkAt,
    out: sinkAt("out"),
    overflow: sinkAt("overflow"),
    push: (data: unknown, atMs: number): void => graph.push(0, { data }, atMs),
    at: (nowMs: number): HandSink => {
      time.nowMs = nowMs;
      return sinkAt("out");
    },
    tick: (atMs: number): void => graph.signal({ kind: "tick", atMs }),
    /** Triggers and restores that reached the operator before, and when. */
    told: (): [string, number][] =>
      before.insights
        .filter(({ kind }) => kind === "trigger" || kind === "restore")
        .map(({ kind, atMs }) => [kind, atMs]),
  };
}
