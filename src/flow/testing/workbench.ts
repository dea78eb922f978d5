/** One operator in a graph of its own, for its tests: time is a parameter, and nothing waits. */

import type { Accounting } from "../graph/accounting.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { FlowEvent, Meta } from "../protocol/event.ts";
import type { Operator, OperatorContext } from "../protocol/operator.ts";
import type { SignalKind } from "../protocol/signal.ts";
import { HandSink } from "./hand-sink.ts";

const OPERATOR = "operator";
const FEED = "feed";

/** Options of an event that a test pushes. */
export interface PushOptions {
  /** When it enters, in ms; never before what came last. Default 0. */
  readonly atMs?: number;
  /** The operator's input port. Default: its first one. */
  readonly port?: string;
  /** Its metadata. Default: none. */
  readonly meta?: Meta;
}

/**
 * The operator between an input that the test feeds and a `HandSink` at each of its outputs. The answer of a sink reaches
 * the operator as contraflow; a trigger that the operator sends shows as `graph.triggered`.
 */
export class Workbench {
  /** The graph of three: input, operator, sinks. */
  readonly graph: Graph;
  readonly #feed: Feed;
  readonly #sinks: ReadonlyMap<string, HandSink>;

  private constructor(graph: Graph, feed: Feed, sinks: ReadonlyMap<string, HandSink>) {
    this.graph = graph;
    this.#feed = feed;
    this.#sinks = sinks;
  }

  /**
   * Connects and starts it, at time 0.
   *
   * @param answer of every sink to an event as it comes; `hold` leaves it to the test. Default `ack`.
   * @throws GraphError, and whatever the operator throws in `connect`
   */
  static async of(operator: Operator, answer: HandSink["answer"] = "ack"): Promise<Workbench> {
    const feed = new Feed(operator.inputs);
    const builder = new GraphBuilder();
    builder.addInput("in");
    builder.addOperator(FEED, feed);
    builder.addOperator(OPERATOR, operator);
    builder.link({ node: "in", port: "out" }, { node: FEED, port: "in" });
    for (const port of operator.inputs) builder.link({ node: FEED, port }, { node: OPERATOR, port });
    for (const port of operator.outputs) {
      builder.addOutput(port);
      builder.link({ node: OPERATOR, port }, { node: `out/${port}`, port: "in" });
    }
    const graph = builder.build();
    const sinks = new Map(operator.outputs.map((port) => [port, new HandSink(answer, port)]));
    for (const [port, sink] of sinks) graph.attach(port, sink);
    await graph.start(0);
    return new Workbench(graph, feed, sinks);
  }

  /** The sink at an output port of the operator. Throws a TypeError where there is no such port. */
  sink(port: string): HandSink {
    const sink = this.#sinks.get(port);
    if (sink === undefined) throw new TypeError(`the operator has no output ${port}`);
    return sink;
  }

  /** Pushes one event. */
  push(data: unknown, { atMs = 0, port, meta }: PushOptions = {}): void {
    this.#feed.aim(port);
    this.graph.push(0, meta === undefined ? { data } : { data, meta }, atMs);
  }

  /** Shows it a signal, such as `tick`. */
  signal(kind: SignalKind, atMs: number): void {
    this.graph.signal({ kind, atMs });
  }

  /** Drains, shuts down and closes; returns the accounting: nothing in flight, nothing answered twice, unless it has a fault. */
  async end(): Promise<Accounting> {
    await this.graph.drain();
    await this.graph.close();
    return this.graph.accounting;
  }
}

/** Leads each event to the input port that the test means. */
class Feed implements Operator {
  readonly inputs = ["in"];
  readonly outputs: readonly string[];
  #context: OperatorContext | undefined;
  #port = "";

  constructor(ports: readonly string[]) {
    this.outputs = ports;
    this.aim(undefined);
  }

  aim(port: string | undefined): void {
    this.#port = port ?? this.outputs[0] ?? "";
  }

  connect(context: OperatorContext): void {
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    this.#context?.output(this.#port).emit(event);
  }
}
