/**
 * An operator of your own: passes an event on unless it has seen the same key a short time before. It is tested in
 * test/examples/dedupe.test.ts, and at work in a graph that is built without trickle.
 */
import { type Deployment, deploy, type SinkLike, type SourceLike } from "bluesmoke/embed";
import {
  type FlowEvent,
  GraphBuilder,
  type Operator,
  type OperatorContext,
  type Signal,
} from "bluesmoke/flow";

export class Dedupe implements Operator {
  readonly inputs = ["in"];
  readonly outputs = ["out", "err"];
  readonly #keyOf: (data: unknown) => string;
  readonly #windowMs: number;
  /** When each key was seen last, the oldest first. */
  readonly #seenMs = new Map<string, number>();
  #context: OperatorContext | undefined;

  /** @param keyOf may throw: the event then goes to `err`. */
  constructor(keyOf: (data: unknown) => string, windowMs: number) {
    this.#keyOf = keyOf;
    this.#windowMs = windowMs;
  }

  connect(context: OperatorContext): void {
    this.#context = context;
  }

  /** Time is that of the event, never the clock: a recorded flow then replays to the same outputs. */
  onEvent(event: FlowEvent): void {
    try {
      const key = this.#keyOf(event.data);
      const isNew = !this.#seenMs.has(key);
      this.#seenMs.delete(key);
      this.#seenMs.set(key, event.ingestMs);
      if (isNew) this.#context?.output("out").emit(event);
      else this.#context?.filter(event);
    } catch (error) {
      event.meta = { ...event.meta, error: String(error) };
      this.#context?.output("err").emit(event);
    }
  }

  /** Ten ticks come in a second: soon enough to forget. */
  onSignal({ kind, atMs }: Signal): void {
    if (kind !== "tick") return;
    for (const [key, seenMs] of this.#seenMs) {
      if (seenMs > atMs - this.#windowMs) return;
      this.#seenMs.delete(key);
    }
  }
}

/** in → dedupe → out. What is malformed goes to the sink at `err`, if there is one. */
export function dedupe(source: SourceLike, sinks: Readonly<Record<string, SinkLike>>): Deployment {
  const builder = new GraphBuilder();
  builder.addInput("in");
  builder.addOperator("dedupe", new Dedupe((data) => String((data as { id: unknown }).id), 10_000));
  builder.addOutput("out");
  builder.link({ node: "in", port: "out" }, { node: "dedupe", port: "in" });
  builder.link({ node: "dedupe", port: "out" }, { node: "out/out", port: "in" });
  builder.link({ node: "dedupe", port: "err" }, { node: "out/err", port: "in" });
  return deploy(builder.build(), { sources: { source }, sinks });
}
