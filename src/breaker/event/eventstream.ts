/** Events as an async iterator. */

import { ASYNC_DISPOSE } from "../dispose.ts";
import { nameOption, numberOption, objectOption } from "../options/check.ts";
import type { CircuitBreakerEvent, EventKind } from "./event.ts";
import type { Listener } from "./listeners.ts";

/** What a stream of events hears, and how much it keeps. */
export interface EventStreamOptions {
  /** Default: all of them. */
  readonly kinds?: readonly EventKind[];
  /** Ends the stream: what was heard until then is still given. */
  readonly signal?: AbortSignal;
  /** Events kept for a reader that is slow; the oldest go first. 1..1,000,000, default 1,024. */
  readonly capacity?: number;
}

type Subscribe = (kind: EventKind, listener: Listener) => () => void;

/**
 * Listens from when it is made until the loop over it is left or the signal is aborted.
 * `dropped` says how many events a slow reader has missed.
 */
export class EventStream implements AsyncIterableIterator<CircuitBreakerEvent> {
  readonly #capacity: number;
  readonly #signal: AbortSignal | undefined;
  readonly #kept: CircuitBreakerEvent[] = [];
  readonly #readers: ((result: IteratorResult<CircuitBreakerEvent, undefined>) => void)[] = [];
  #undo: (() => void)[];
  #isDone = false;
  #dropped = 0;

  /** @internal Use `breaker.events()`. */
  constructor(kinds: readonly EventKind[], subscribe: Subscribe, options: EventStreamOptions = {}) {
    objectOption("options", options, ["kinds", "signal", "capacity"]);
    this.#capacity = numberOption(
      "capacity",
      options.capacity,
      { from: 1, to: 1_000_000, whole: true },
      1_024,
    );
    this.#signal = options.signal;
    const wanted = options.kinds ?? kinds;
    for (const kind of wanted) nameOption("kinds", kind, kinds);
    this.#undo = wanted.map((kind) => subscribe(kind, (event) => this.#hear(event)));
    if (this.#signal?.aborted) this.#end();
    this.#signal?.addEventListener("abort", this.#end);
  }

  /** Events that were lost because nobody read them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The next event, at once or when it comes; `done` once the stream has ended and nothing is kept. */
  next(): Promise<IteratorResult<CircuitBreakerEvent, undefined>> {
    const value = this.#kept.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** Stops to listen; what is kept is thrown away. */
  return(): Promise<IteratorResult<CircuitBreakerEvent, undefined>> {
    this.#kept.length = 0;
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** As `return`, for `await using`. */
  async [ASYNC_DISPOSE](): Promise<void> {
    await this.return();
  }

  /** Itself: for `for await`. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #hear(value: CircuitBreakerEvent): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value });
      return;
    }
    if (this.#kept.length === this.#capacity) {
      this.#kept.shift();
      this.#dropped++;
    }
    this.#kept.push(value);
  }

  readonly #end = (): void => {
    this.#isDone = true;
    for (const undo of this.#undo) undo();
    this.#undo = [];
    this.#signal?.removeEventListener("abort", this.#end);
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  };
}
