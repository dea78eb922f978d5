/** What the flow tests have in common: a sink and an operator that do as they are told, and graphs in one line. */

import type { Accounting } from "../../src/flow/graph/accounting.ts";
import { GraphBuilder } from "../../src/flow/graph/builder.ts";
import type { Graph } from "../../src/flow/graph/graph.ts";
import type { FlowEvent } from "../../src/flow/protocol/event.ts";
import type { Insight } from "../../src/flow/protocol/insight.ts";
import type { Operator, OperatorContext } from "../../src/flow/protocol/operator.ts";
import type { Signal } from "../../src/flow/protocol/signal.ts";
import type { Sink, Source, SourceItem } from "../../src/flow/protocol/source-and-sink.ts";

export { HandSink } from "../../src/flow/testing/hand-sink.ts";

/** Marks every event with its id, passes it on, and writes down what it sees in a log that several may share. */
export class Witness implements Operator {
  readonly inputs = ["in"];
  readonly outputs: readonly string[];
  readonly log: string[];
  readonly insights: Insight[] = [];
  /** Kinds of insights that stop here. */
  stops: readonly string[] = [];
  /** The port that an event leaves by. */
  route: (event: FlowEvent) => string = () => "out";
  #context: OperatorContext | undefined;

  constructor(log: string[] = [], outputs: readonly string[] = ["out"]) {
    this.log = log;
    this.outputs = outputs;
  }

  get context(): OperatorContext {
    if (this.#context === undefined) throw new Error("the operator was not connected");
    return this.#context;
  }

  connect(context: OperatorContext): void {
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    event.correlate(this.context.node, event.id);
    this.context.output(this.route(event)).emit(event);
  }

  onSignal(signal: Signal): void {
    this.log.push(`${this.context.name} ${signal.kind}`);
  }

  onInsight(insight: Insight): boolean {
    this.insights.push(insight);
    this.log.push(`${this.context.name} ${insight.kind}`);
    return this.stops.includes(insight.kind);
  }
}

/** `node/port` on both sides; without a port: `out` on the left, `in` on the right. */
export function link(builder: Pick<GraphBuilder, "link">, from: string, to: string): void {
  builder.link(portRef(from, "out"), portRef(to, "in"));
}

function portRef(text: string, port: string): { node: string; port: string } {
  const parts = text.split("/");
  if (parts[0] === "out") return { node: text, port };
  return { node: parts[0] ?? "", port: parts[1] ?? port };
}

/**
 * A graph of operators by name and links such as `"a/overflow > out/overflow"`. The outputs are those that
 * the links name.
 */
export function graphOf(operators: Record<string, Operator>, ...links: string[]): Graph {
  const builder = new GraphBuilder();
  builder.addInput("in");
  for (const [name, operator] of Object.entries(operators)) builder.addOperator(name, operator);
  const ends = links.map((text) => text.split(" > ") as [string, string]);
  const outputs = new Set(ends.map(([, to]) => to).filter((to) => to.startsWith("out/")));
  for (const output of outputs) builder.addOutput(output.slice("out/".length));
  for (const [from, to] of ends) link(builder, from, to);
  return builder.build();
}

/** Attaches the sinks by port and starts at time 0; `clock` tells the time of answers between two events. */
export async function started(
  graph: Graph,
  sinks: Record<string, Sink>,
  clock?: () => number,
): Promise<Graph> {
  for (const [port, sink] of Object.entries(sinks)) graph.attach(port, sink);
  await graph.start(0, clock);
  return graph;
}

/** Pushes one event for each value, all at the same time. */
export function pushAll(graph: Graph, values: readonly unknown[], atMs = 0): void {
  for (const data of values) graph.push(0, { data }, atMs);
}

/** The counts that are not 0. */
export function counts(accounting: Accounting): Partial<Accounting> {
  return Object.fromEntries(Object.entries(accounting).filter(([, count]) => count !== 0));
}

/** What the accounting promises: nothing is lost, nothing counts twice. */
export function sum(accounting: Accounting): number {
  const { delivered, overflow, err, failed, dropped, filtered, inFlight } = accounting;
  return delivered + overflow + err + failed + dropped + filtered + inFlight;
}

/** Hands out the chunks one after the other. */
export class ListSource implements Source {
  readonly name = "list";
  readonly calls: string[] = [];
  readonly #chunks: (readonly SourceItem[])[];

  constructor(chunks: readonly (readonly unknown[])[]) {
    this.#chunks = chunks.map((chunk) => chunk.map((data) => ({ data })));
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    this.calls.push("pull");
    return this.#chunks.shift();
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }
}
