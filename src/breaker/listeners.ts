/** Who listens to what. Costs nothing where nobody does. */
import type { CircuitBreakerEvent, EventKind } from "./event.ts";

export type Listener = (event: CircuitBreakerEvent) => void;

export class Listeners {
  #byKind: Map<EventKind, Set<Listener>> | undefined;
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Adds a listener; returns its undo. The same function added twice is called once. */
  on(kind: EventKind, listener: Listener): () => void {
    if (typeof listener !== "function") throw new TypeError(`a listener of "${kind}" must be a function`);
    this.#byKind ??= new Map();
    const listeners = this.#byKind.get(kind) ?? new Set();
    this.#byKind.set(kind, listeners);
    if (!listeners.has(listener)) this.#count++;
    listeners.add(listener);
    return () => {
      if (listeners.delete(listener)) this.#count--;
    };
  }

  /** Calls those that listen to the event's kind; one that throws stops nobody else. */
  emit(event: CircuitBreakerEvent): void {
    for (const listener of this.#byKind?.get(event.kind) ?? []) {
      try {
        listener(event);
      } catch (error) {
        report(error);
      }
    }
  }
}

/** As the platform reports an uncaught error of a listener: `error` on window, `uncaughtException` in Node. */
function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}
