/** Successes of one response, reported to the breakers of a registry in one call of the core. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { succeedFast } from "../../core/fast-path.ts";
import { type Batch, createBatch, reportBatch, SUCCESS } from "../../features/batch.ts";
import type { AckAll } from "../protocol/insight.ts";

/** Successes that one call of the core reports, at most. */
const BATCH_SIZE = 512;
/** Calls that one report stands for, at most. */
const MAXIMUM_WEIGHT = 1_000_000;

/** Gathers the successes of one response, and reports them in their order. */
export class SuccessReport {
  readonly #registry: CircuitBreakerRegistry;
  /** Columns that no report is sent from now: a listener to a report may answer further events. */
  readonly #free: Columns[] = [];
  /** Successes that are not sent yet. */
  #columns: Columns | undefined;

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
  }

  /**
   * So many calls of `breaker` with that ticket succeeded. Where no duration is judged, in memory of one thread, they are reported
   * at once, since the fast path (docs/adr/0014) costs less than the columns.
   */
  add(breaker: CircuitBreaker, ticket: number, { atMs, durationMs }: AckAll, count: number): void {
    const { _policy: policy, _memory: memory } = breaker;
    const isJudged = policy.slowCallMs !== Number.POSITIVE_INFINITY && !Number.isNaN(durationMs);
    if (this.#columns === undefined && !isJudged && !policy.needsTime && !memory.shared) {
      reportRun(breaker, ticket, atMs, count);
      return;
    }
    if (!breaker._refresh(false)) return; // it was evicted: the report is late and changes nothing
    for (let left = count; left > 0; ) {
      this.#columns ??= this.#free.pop() ?? new Columns(this.#registry);
      left -= this.#columns.add(breaker, ticket, durationMs, left);
      if (this.#columns.size === BATCH_SIZE) this.send(atMs);
    }
  }

  /** Reports the successes that are not sent yet. */
  send(atMs: number): void {
    const columns = this.#columns;
    if (columns === undefined) return;
    this.#columns = undefined;
    reportBatch(columns.batch, columns.size, atMs);
    columns.size = 0;
    this.#free.push(columns);
  }
}

/** A batch of successes, and views of its columns. */
class Columns {
  readonly batch: Batch;
  size = 0;
  readonly #registry: CircuitBreakerRegistry;
  #buffer: ArrayBufferLike | undefined;
  #breakers: Uint32Array = new Uint32Array();
  #tickets: Uint32Array = new Uint32Array();
  #durations: Float64Array = new Float64Array();

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
    this.batch = createBatch(registry, BATCH_SIZE);
    this.batch.outcomes.fill(SUCCESS);
  }

  /** Adds so many successes, or as many as there are places left. Returns how many. */
  add(breaker: CircuitBreaker, ticket: number, durationMs: number, count: number): number {
    this.#updateViews();
    const from = this.size;
    const to = Math.min(from + count, BATCH_SIZE);
    this.#breakers.fill(breaker._id, from, to);
    this.#tickets.fill(ticket, from, to);
    this.#durations.fill(durationMs, from, to);
    this.size = to;
    return to - from;
  }

  /** Memory that grows replaces its buffer. */
  #updateViews(): void {
    const { buffer } = this.#registry._core.memory.heap;
    if (buffer === this.#buffer) return;
    this.#durations = this.batch.durations; // makes the column, for which the memory may grow
    this.#breakers = this.batch.breakers;
    this.#tickets = this.batch.tickets;
    this.#buffer = this.#registry._core.memory.heap.buffer;
  }
}

/**
 * Successes of unknown duration with one ticket. Where the fast path takes one, no success leads to a verdict, so the others are
 * one report of their weight; a success that may be judged is reported by itself.
 */
function reportRun(breaker: CircuitBreaker, ticket: number, atMs: number, count: number): void {
  for (let left = count; left > 0; left--) {
    if (left > 1 && left <= MAXIMUM_WEIGHT && succeedFast(breaker._memory, breaker._id, ticket, atMs)) {
      breaker.onSuccess(ticket, atMs, Number.NaN, left - 1);
      return;
    }
    breaker.onSuccess(ticket, atMs);
  }
}
