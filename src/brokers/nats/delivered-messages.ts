/** Messages of NATS that a process was given: a server delivers some of them twice. */
import type { JsMsg } from "@nats-io/jetstream";

/** The part of a message that tells it from others, also from those of a stream that was made anew. */
export type DeliveredMessage = Pick<JsMsg, "seq" | "ack"> & {
  readonly info: { readonly timestampNanos: number };
};

/** Messages that are remembered: those of some seconds. */
const REMEMBERED = 100_000;

/**
 * What this process was given. A server that was killed has forgotten the acks of its last seconds, and one that waits for an ack for too
 * long loses patience: both deliver messages again that are here, or were acked. Message ids of a sink do not help, since it would be another
 * event.
 */
export class DeliveredMessages {
  /** By sequence number, the oldest first. */
  readonly #known = new Map<number, { readonly timeNs: number; isCommitted: boolean }>();

  /** Notes a message. True: it is here already; one that was acked is acked again. */
  isDouble(message: DeliveredMessage): boolean {
    const { seq, info } = message;
    const before = this.#known.get(seq);
    if (before?.timeNs === info.timestampNanos) {
      if (before.isCommitted) message.ack();
      return true;
    }
    this.#known.delete(seq);
    this.#known.set(seq, { timeNs: info.timestampNanos, isCommitted: false });
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value as number);
    return false;
  }

  /** The message is about to be acked. */
  commit({ seq, info }: DeliveredMessage): void {
    const known = this.#known.get(seq);
    if (known?.timeNs === info.timestampNanos) known.isCommitted = true;
  }
}
