/** Calls as columns, in the order of their starts: what every format becomes, and what a replay reads. */

/** Codes of `outcomes`. A refused call has no outcome: it was never made. */
export const REFUSED = 0;
export const SUCCESS = 1;
export const FAILURE = 2;

/** Calls of some endpoints. The columns have `count` entries. */
export interface CallTrace {
  /** Names by index. */
  readonly endpoints: readonly string[];
  /** Entries; each stands for `weights` calls. */
  readonly count: number;
  /** Index of the endpoint. */
  readonly endpoint: Uint32Array;
  /** ms: when the call began. */
  readonly startMs: Float64Array;
  /** ms; NaN: unknown. */
  readonly durationMs: Float64Array;
  /** REFUSED, SUCCESS or FAILURE. */
  readonly outcomes: Uint8Array;
  /** Calls that an entry stands for, 1 to 1,000,000. */
  readonly weights: Uint32Array;
  /** What the reader of the trace should know: lines that were left out, times that were put in order. */
  readonly warnings: readonly string[];
}

/** Calls of one entry. */
export const MAXIMUM_WEIGHT = 1_000_000;
const FIRST_CAPACITY = 1_024;

/** Collects calls in any order. */
export class CallTraceBuilder {
  /** Doubts about the trace, one sentence each. */
  readonly warnings: string[] = [];
  #count = 0;
  #endpoint = new Uint32Array(FIRST_CAPACITY);
  #startMs = new Float64Array(FIRST_CAPACITY);
  #durationMs = new Float64Array(FIRST_CAPACITY);
  #outcomes = new Uint8Array(FIRST_CAPACITY);
  #weights = new Uint32Array(FIRST_CAPACITY);
  #isOrdered = true;
  readonly #names = new Map<string, number>();

  /** Calls that were added. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds a call, or several that are alike.
   *
   * @param durationMs NaN: unknown
   * @param outcome REFUSED, SUCCESS or FAILURE
   * @param weight how many calls it stands for
   */
  add(name: string, startMs: number, durationMs: number, outcome: number, weight = 1): void {
    const at = this.#count;
    if (at === this.#startMs.length) this.#grow();
    this.#endpoint[at] = this.indexOf(name);
    this.#startMs[at] = startMs;
    this.#durationMs[at] = durationMs;
    this.#outcomes[at] = outcome;
    this.#weights[at] = weight;
    if (at > 0 && startMs < this.#startMs[at - 1]!) this.#isOrdered = false;
    this.#count++;
  }

  /** Index of an endpoint; makes it. */
  indexOf(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const index = this.#names.size;
    this.#names.set(name, index);
    return index;
  }

  /** All calls in the order of their starts; those that began together stay in the order in which they were added. */
  build(): CallTrace {
    const count = this.#count;
    const trace = {
      endpoints: [...this.#names.keys()],
      count,
      endpoint: this.#endpoint.slice(0, count),
      startMs: this.#startMs.slice(0, count),
      durationMs: this.#durationMs.slice(0, count),
      outcomes: this.#outcomes.slice(0, count),
      weights: this.#weights.slice(0, count),
      warnings: this.warnings,
    };
    return this.#isOrdered ? trace : inOrder(trace);
  }

  #grow(): void {
    const size = this.#startMs.length * 2;
    this.#endpoint = enlarged(this.#endpoint, new Uint32Array(size));
    this.#startMs = enlarged(this.#startMs, new Float64Array(size));
    this.#durationMs = enlarged(this.#durationMs, new Float64Array(size));
    this.#outcomes = enlarged(this.#outcomes, new Uint8Array(size));
    this.#weights = enlarged(this.#weights, new Uint32Array(size));
  }
}

function enlarged<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

function inOrder(trace: CallTrace): CallTrace {
  const { count, startMs } = trace;
  const order = new Uint32Array(count).map((_, index) => index);
  order.sort((one, other) => startMs[one]! - startMs[other]! || one - other);
  return pick(trace, order);
}

/** The entries with those indices, in that order. */
export function pick(trace: CallTrace, order: Uint32Array): CallTrace {
  const { endpoint, startMs, durationMs, outcomes, weights } = trace;
  return {
    ...trace,
    count: order.length,
    endpoint: new Uint32Array(order.length).map((_, at) => endpoint[order[at]!]!),
    startMs: new Float64Array(order.length).map((_, at) => startMs[order[at]!]!),
    durationMs: new Float64Array(order.length).map((_, at) => durationMs[order[at]!]!),
    outcomes: new Uint8Array(order.length).map((_, at) => outcomes[order[at]!]!),
    weights: new Uint32Array(order.length).map((_, at) => weights[order[at]!]!),
  };
}

/** The calls that began in [fromMs, toMs). */
export function sliceTrace(trace: CallTrace, fromMs: number, toMs: number): CallTrace {
  const from = firstFrom(trace, fromMs);
  const to = firstFrom(trace, toMs);
  return {
    ...trace,
    count: to - from,
    endpoint: trace.endpoint.subarray(from, to),
    startMs: trace.startMs.subarray(from, to),
    durationMs: trace.durationMs.subarray(from, to),
    outcomes: trace.outcomes.subarray(from, to),
    weights: trace.weights.subarray(from, to),
  };
}

/** Index of the first call that began at `timeMs` or later. */
function firstFrom({ startMs, count }: CallTrace, timeMs: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** ms: when the first call began and the last one ended; [0, 0] where there is none. */
export function spanOf({ startMs, durationMs, count }: CallTrace): readonly [number, number] {
  if (count === 0) return [0, 0];
  let end = 0;
  for (let i = 0; i < count; i++) end = Math.max(end, startMs[i]!, startMs[i]! + (durationMs[i]! || 0)); // NaN: unknown
  return [startMs[0]!, end];
}
