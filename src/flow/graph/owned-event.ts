/** An event that an operator owns, until its last copy is answered. */

import type { Meta } from "../protocol/event.ts";
import type { OnEnd } from "../protocol/operator.ts";

export class OwnedEvent {
  readonly onEnd: OnEnd;
  /** Why the first copy failed, or else why the latest one was refused. */
  meta: Meta | undefined;
  /** The sink for failed events has it. */
  isDeadLetter = false;
  #failed = false;

  constructor(onEnd: OnEnd) {
    this.onEnd = onEnd;
  }

  /** A copy failed. A failure that no other try can mend counts before others. */
  fail(meta: Meta): void {
    if (!this.#failed || meta.final === true) this.meta = meta;
    this.#failed = true;
  }

  /** A breaker refused a copy. */
  refuse(meta: Meta | undefined): void {
    if (!this.#failed) this.meta = meta;
  }
}
