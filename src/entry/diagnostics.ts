/**
 * `bluesmoke/diagnostics`: events of breakers on channels of Node's `diagnostics_channel`, for tracers and metrics.
 * @module bluesmoke/diagnostics
 */
import { channel } from "node:diagnostics_channel";
import { EVENT_KINDS, type EventKind } from "../breaker/event/event.ts";
import type { Listener } from "../breaker/event/listeners.ts";

/** A breaker, or a registry for all of its breakers. */
export interface EventSource {
  /** Calls the listener at every event of that kind; returns the undo. */
  on(kind: EventKind, listener: Listener): () => void;
}

/** Name of the channel of a kind of event, such as `bluesmoke:opened`. */
export function channelName(kind: EventKind): string {
  return `bluesmoke:${kind}`;
}

/** Publishes every event of the source as a `CircuitBreakerEvent` on the channel of its kind; returns the undo. */
export function publishEvents(source: EventSource): () => void {
  const undo = EVENT_KINDS.map((kind) => {
    const target = channel(channelName(kind));
    return source.on(kind, (event) => target.publish(event));
  });
  return () => {
    for (const off of undo) off();
  };
}
