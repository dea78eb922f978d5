/** What is known of an event that answers for others, until its last copy is answered. */

import type { FlowEvent, Meta } from "./event.ts";
import type { Origin } from "./origin.ts";

export class Joint {
  readonly events: readonly FlowEvent[];
  /** The node that made it: from there the answers go on against the flow. */
  readonly origin: Origin;
  /** How long the slowest copy took, in ms; NaN while nobody knows. */
  durationMs = Number.NaN;
  /** Why the first copy failed. */
  meta: Meta = {};
  #failed = false;

  constructor(events: readonly FlowEvent[], origin: Origin) {
    this.events = events;
    this.origin = origin;
  }

  /** A copy was acked. */
  ack(durationMs: number): void {
    if (!(durationMs <= this.durationMs)) this.durationMs = durationMs;
  }

  /** A copy failed. */
  fail(durationMs: number, meta: Meta): void {
    this.ack(durationMs);
    if (!this.#failed) this.meta = meta;
    this.#failed = true;
  }
}
