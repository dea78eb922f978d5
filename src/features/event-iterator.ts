/** Events as an async iterator. */
import { type CircuitBreakerEvent, EVENT_KINDS, type EventKind, type Listener } from "../breaker/events.ts";
import { nameOption, numberOption, objectOption, wrongType } from "../breaker/validate.ts";

/** A breaker, or a registry for all of its breakers. */
export interface EventSource {
  /** Calls the listener at every event of that kind; returns the undo. */
  on(kind: EventKind, listener: Listener): () => void;
}

/** Which events an iterator gives, and how many it keeps. */
export interface EventsOptions {
  /** Default: all of them. */
  readonly kinds?: readonly EventKind[] | undefined;
  /** Ends the iterator: events up to then are still given. */
  readonly signal?: AbortSignal | undefined;
  /** Events kept for a reader that is slow; the oldest are dropped. 1..1,000,000, default 1,024. */
  readonly capacity?: number | undefined;
}

/** Listens from when it is made until the loop over it is left or its signal is aborted. */
export interface EventIterator extends AsyncIterableIterator<CircuitBreakerEvent>, AsyncDisposable {
  /** Events that were lost because they were not read in time. */
  readonly dropped: number;
  /** The next event, at once or when it comes; `done` once the iterator has ended and no event is kept. */
  next(): Promise<IteratorResult<CircuitBreakerEvent, undefined>>;
  /** Stops listening; events that are kept are thrown away. `await using` does the same. */
  return(): Promise<IteratorResult<CircuitBreakerEvent, undefined>>;
  /** Itself: for `for await`. */
  [Symbol.asyncIterator](): this;
}

type Result = IteratorResult<CircuitBreakerEvent, undefined>;

/**
 * The events of a breaker or of a registry, from now on: `for await (const event of events(registry)) …`.
 * @throws OptionError for bad options; nothing is listened to then.
 */
export function events(source: EventSource, options: EventsOptions = {}): EventIterator {
  const given = objectOption("options", options, ["kinds", "signal", "capacity"]);
  const signal = readSignal(given.signal);
  const kinds = readKinds(given.kinds);
  const capacity = numberOption("capacity", given.capacity, { from: 1, to: 1_000_000, whole: true }, 1_024);
  // A ring: it grows up to `capacity`, then the place of the oldest event is used again.
  const kept: (CircuitBreakerEvent | undefined)[] = [];
  const readers: ((result: Result) => void)[] = [];
  let first = 0;
  let size = 0;
  let dropped = 0;
  let isDone = signal?.aborted === true;
  let undo: (() => void)[] = [];
  const add = (value: CircuitBreakerEvent) => {
    const reader = readers.shift();
    if (reader) return reader({ done: false, value });
    kept[(first + size) % capacity] = value;
    if (size < capacity) size++;
    else {
      first = (first + 1) % capacity;
      dropped++;
    }
  };
  const take = () => {
    const value = kept[first]!;
    kept[first] = undefined;
    first = (first + 1) % capacity;
    size--;
    return value;
  };
  const end = () => {
    isDone = true;
    for (const off of undo) off();
    undo = [];
    signal?.removeEventListener("abort", end);
    for (const reader of readers.splice(0)) reader({ done: true, value: undefined });
  };
  if (!isDone) {
    undo = kinds.map((kind) => source.on(kind, add));
    signal?.addEventListener("abort", end);
  }
  const iterator: EventIterator = {
    get dropped() {
      return dropped;
    },
    next() {
      if (size > 0) return Promise.resolve({ done: false, value: take() });
      if (isDone) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => readers.push(resolve));
    },
    return() {
      kept.length = size = 0;
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
  return iterator;
}

function readSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const { addEventListener, removeEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof addEventListener === "function" && typeof removeEventListener === "function") {
    return signal as AbortSignal;
  }
  throw wrongType("signal", "an AbortSignal", signal);
}

/** Each kind once. */
function readKinds(kinds: unknown): readonly EventKind[] {
  if (kinds === undefined) return EVENT_KINDS;
  if (!Array.isArray(kinds)) throw wrongType("kinds", "an array of kinds of events", kinds);
  return [...new Set(kinds.map((kind, index) => nameOption(`kinds[${index}]`, kind, EVENT_KINDS)))];
}
