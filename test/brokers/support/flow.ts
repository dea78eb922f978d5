/** Flows from one end of a broker to another. */
import { GraphBuilder } from "../../../src/flow/graph/builder.ts";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import type { Sink, Source } from "../../../src/flow/protocol/source-and-sink.ts";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";

/** Runs a source into a sink until the source ends. */
export function ship(source: Source, out: Sink, options: { err?: Sink; signal?: AbortSignal } = {}) {
  const builder = new GraphBuilder();
  builder.addInput("in");
  builder.addOperator("operator", new Passthrough());
  builder.addOutput("out");
  builder.link({ node: "in", port: "out" }, { node: "operator", port: "in" });
  builder.link({ node: "operator", port: "out" }, { node: "out/out", port: "in" });
  const graph = builder.build();
  graph.attach("out", out);
  if (options.err !== undefined) graph.attach("err", options.err);
  return runFlow({ graph, source, ...(options.signal !== undefined && { signal: options.signal }) });
}

/** A source of so many events, `{"n": 0}` and on, that replays what failed. */
export class Numbers implements Source {
  readonly name = "numbers";
  readonly transactional = true;
  readonly #count: number;
  #next = 0;

  constructor(count: number) {
    this.#count = count;
  }

  async pull() {
    if (this.#next >= this.#count) return undefined;
    const from = this.#next;
    this.#next = Math.min(this.#next + 500, this.#count);
    return Array.from({ length: this.#next - from }, (_, at) => ({
      data: { n: from + at },
      text: `{"n":${from + at}}`,
    }));
  }

  onInsight({ kind, id }: { kind: string; id: number }): void {
    if (kind === "fail") this.#next = id - 1;
  }

  async close(): Promise<void> {}
}

/** How many of the numbers below `count` are missing, and how many are there more than once. */
export function compare(values: readonly number[], count: number): { missing: number; doubles: number } {
  const all = new Set(values.filter((value) => value >= 0 && value < count));
  return { missing: count - all.size, doubles: values.length - all.size };
}

/** Events that a sink got, as data. */
export class Memory implements Sink {
  readonly name = "memory";
  readonly congested = false;
  readonly events: unknown[] = [];
  #context: Parameters<Sink["start"]>[0] | undefined;

  async start(context: Parameters<Sink["start"]>[0]): Promise<void> {
    this.#context = context;
  }

  onEvent(event: Parameters<Sink["onEvent"]>[0]): void {
    this.events.push(event.data);
    this.#context!.ack(event);
  }

  async drain(): Promise<void> {}

  async close(): Promise<void> {}
}
