/** The sink for what other sinks could not deliver. */

import type { FlowEvent, Meta } from "../protocol/event.ts";
import type { Counts } from "./accounting.ts";
import type { DeadLetter } from "./contraflow.ts";
import { SinkNode, type SinkParts } from "./sink-node.ts";

export class DeadLetterNode extends SinkNode implements DeadLetter {
  readonly #tally: Counts;

  constructor(parts: SinkParts, tally: Counts) {
    super(parts);
    this.#tally = tally;
  }

  /** Keeps the event from ending until the sink has answered. It gets the event as it was read, and why it failed. */
  keep(root: FlowEvent, failed: Meta): void {
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
    if (!event.answered) this.#tally.deadLettered++;
    super.ack(event, durationMs);
  }
}
