/** What is known of an event that answers for others, until its last copy is answered. */

import type { FlowEvent, Meta } from "../event.ts";
import type { Origin } from "./origin.ts";

export class Joint {
  readonly events: readonly FlowEvent[];
  /** The node that made it: from there the answers go on against the flow. */
  readonly origin: Origin;
  /** Why the first copy failed. */
  meta: Meta = {};
  /** The endpoint is not at fault. */
  isRejected = false;
  #failed = false;

  constructor(events: readonly FlowEvent[], origin: Origin) {
    this.events = events;
    this.origin = origin;
  }

  /** A copy failed. */
  fail(meta: Meta): void {
    if (!this.#failed) this.meta = meta;
    this.#failed = true;
  }

  /** A copy was rejected, and none has failed. */
  reject(): void {
    this.isRejected = !this.#failed;
  }
}
