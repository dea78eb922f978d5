/** An event that answers for others, until its last copy is answered. */

import type { FlowEvent, Meta } from "../protocol/event.ts";
import type { Sender } from "./sender.ts";

export class AckGroup {
  readonly events: readonly FlowEvent[];
  /** The node that made it: the answers go on against the flow from there. */
  readonly sender: Sender;
  /** Why the first copy failed. */
  meta: Meta = {};
  /** The endpoint is not at fault. */
  isRejected = false;
  #failed = false;

  constructor(events: readonly FlowEvent[], sender: Sender) {
    this.events = events;
    this.sender = sender;
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
