/** Who listens to what. Costs nothing where nobody does. */
import { nameOption } from "../options/check.ts";
import { reportUncaught } from "../platform.ts";
import { type CircuitBreakerEvent, EVENT_KINDS, type EventKind } from "./event.ts";

/** Hears an event inside the call that caused it. An error that it throws is reported as uncaught and changes nothing. */
export type Listener = (event: CircuitBreakerEvent) => void;

/** @throws OptionError for a kind of event that never comes; TypeError for a listener that cannot be called. */
export function checkListener(kind: EventKind, listener: Listener): void {
  nameOption("kind", kind, EVENT_KINDS);
  if (typeof listener !== "function") throw new TypeError(`a listener of "${kind}" must be a function`);
}

export class Listeners {
  /** Under which whoever keeps them finds them. */
  key: string | number;
  #byKind: Map<EventKind, Set<Listener>> | undefined;
  #count = 0;

  constructor(key: string | number) {
    this.key = key;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Adds a listener; returns its undo. The same function added twice is called once. */
  on(kind: EventKind, listener: Listener): () => void {
    this.#byKind ??= new Map();
    const listeners = this.#byKind.get(kind) ?? new Set();
    this.#byKind.set(kind, listeners);
    if (!listeners.has(listener)) this.#count++;
    listeners.add(listener);
    return () => {
      if (listeners.delete(listener)) this.#count--;
    };
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#byKind = undefined;
    this.#count = 0;
  }

  /** Calls those that listen to the event's kind; one that throws stops nobody else. */
  emit(event: CircuitBreakerEvent): void {
    for (const listener of this.#byKind?.get(event.kind) ?? []) {
      try {
        listener(event);
      } catch (error) {
        reportUncaught(error);
      }
    }
  }
}
