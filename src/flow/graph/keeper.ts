/** The sink for what other sinks could not deliver. */

import type { FlowEvent, Meta } from "../event.ts";
import type { Keeper } from "./contraflow.ts";
import type { Tally } from "./ledger.ts";
import { SinkNode, type SinkParts } from "./sinknode.ts";

export class KeeperNode extends SinkNode implements Keeper {
  readonly #tally: Tally;

  constructor(parts: SinkParts, tally: Tally) {
    super(parts);
    this.#tally = tally;
  }

  /** Keeps the event from ending, and none of its marks: what becomes of the copy says nothing about an endpoint. */
  copyOf(event: FlowEvent, reason: Meta): FlowEvent | undefined {
    if (event.source < 0) return undefined; // made by an operator: a breaker event, or joined, and its parts come by themselves
    event.marks = undefined;
    const copy = event.copy();
    copy.meta = { ...event.meta, failed: reason };
    return copy;
  }

  override ack(event: FlowEvent, durationMs?: number): void {
    if (!event.answered) this.#tally.failedKept++;
    super.ack(event, durationMs);
  }
}
