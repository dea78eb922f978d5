/** Events of breakers on channels of Node's `diagnostics_channel`, for tracers and metrics. */
import { channel } from "node:diagnostics_channel";
import { EVENT_KINDS, type EventKind, type Unsubscribe } from "../breaker/events.ts";
import type { EventSource } from "./event-iterator.ts";

/** Name of the channel of a kind of event, such as `bluesmoke:opened`. */
export function channelName(kind: EventKind): string {
  return `bluesmoke:${kind}`;
}

/**
 * Publishes every event of a breaker or of a registry, a `CircuitBreakerEvent`, on the channel of its kind; returns the undo.
 * Node reports what a subscriber of a channel throws as an uncaught exception.
 */
export function publishEvents(source: EventSource): Unsubscribe {
  const undo = EVENT_KINDS.map((kind) => {
    const target = channel(channelName(kind));
    return source.on(kind, (event) => target.publish(event));
  });
  const stop = () => {
    for (const off of undo) off();
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}
