/** The sink for events that other sinks could not deliver. */

import type { Disposition, FlowEvent, Meta } from "../protocol/event.ts";
import type { Sink } from "../protocol/source-and-sink.ts";
import type { Counts } from "./accounting.ts";
import type { DeadLetter } from "./event-ends.ts";
import type { GraphCore } from "./graph-core.ts";
import type { Listener } from "./sender.ts";
import { SinkNode } from "./sink-node.ts";

export class DeadLetterNode extends SinkNode implements DeadLetter {
  readonly #counts: Counts;

  constructor(
    number: number,
    node: number,
    sink: Sink,
    listeners: readonly Listener[],
    disposition: Disposition,
    graph: GraphCore,
  ) {
    super(number, node, sink, listeners, disposition, graph);
    this.#counts = graph.counts;
  }

  /** The event does not end before the sink has answered. The sink gets it as it was read, and why it failed. */
  takeFailed(root: FlowEvent, failed: Meta): void {
    root.correlations = undefined;
    const copy = root.copy();
    copy.discardChanges();
    copy.meta = { ...copy.meta, failed };
    this.receive(copy);
  }

  override ackAll(events: readonly FlowEvent[], durationMs?: number): void {
    for (const event of events) this.ack(event, durationMs);
  }

  override ack(event: FlowEvent, durationMs?: number): void {
    if (!event.answered) this.#counts.deadLettered++;
    super.ack(event, durationMs);
  }
}
