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

  /** Keeps the event from ending until the sink has answered. It gets the event as it was read, and why it failed. */
  keep(root: FlowEvent, failed: Meta): void {
    root.marks = undefined;
    const copy = root.copy();
    if (root.read !== undefined) copy.data = root.read.data;
    copy.meta = { ...root.read?.meta, failed };
    this.receive(copy);
  }

  override ack(event: FlowEvent, durationMs?: number): void {
    if (!event.answered) this.#tally.failedKept++;
    super.ack(event, durationMs);
  }
}
