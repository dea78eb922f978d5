/** The sink that throws everything away and says that all is well: for measuring what comes before it. */

import type { FlowEvent } from "../flow/protocol/event.ts";
import type { Sink, SinkContext } from "../flow/protocol/source-and-sink.ts";

/** `null:` on the command line: keeps nothing, acknowledges at once. */
export class NullSink implements Sink {
  readonly name = "null:";
  readonly congested = false;
  #context: SinkContext | undefined;
  #count = 0;

  /** Events taken so far. */
  get count(): number {
    return this.#count;
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    this.#count++;
    this.#context?.ack(event, 0);
  }

  async drain(): Promise<void> {}

  async close(): Promise<void> {}
}
