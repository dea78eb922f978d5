/** Successes of one response, reported to the breakers of a registry in one call of the core. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { succeedFast } from "../../core/fast-path.ts";
import { type Batch, createBatch, reportBatch, SUCCESS } from "../../features/batch.ts";

/** Successes that one call of the core reports, at most. */
const BATCH_SIZE = 512;
/** Calls that one report stands for, at most. */
const MAXIMUM_WEIGHT = 1_000_000;

/** Gathers the successes of one response, and reports them in their order. */
export class SuccessReport {
  readonly #registry: CircuitBreakerRegistry;
  readonly #batch: Batch;
  // Views of the columns. Memory that grows replaces their buffer; it grows where a breaker is created, never within `add`.
  #buffer: ArrayBufferLike | undefined;
  #breakers: Uint32Array = new Uint32Array();
  #tickets: Uint32Array = new Uint32Array();
  #size = 0;
  #atMs = 0;
  #durationMs = Number.NaN;
  /** What the column of durations is full of. */
  #columnMs = Number.NaN;

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
    this.#batch = createBatch(registry, BATCH_SIZE);
    this.#batch.outcomes.fill(SUCCESS);
  }

  /** @param durationMs of each call; NaN: unknown */
  begin(atMs: number, durationMs: number): void {
    this.#atMs = atMs;
    this.#durationMs = durationMs;
  }

  /** So many calls of `breaker` with that ticket succeeded. */
  add(breaker: CircuitBreaker, ticket: number, count: number): void {
    if (this.#size === 0 && this.#isFast(breaker)) {
      reportRun(breaker, ticket, this.#atMs, count);
      return;
    }
    let left = breaker._refresh(false) ? count : 0; // it was evicted: the report is late and changes nothing
    while (left > 0) {
      if (this.#size === 0) this.#prepare();
      const from = this.#size;
      const to = Math.min(from + left, BATCH_SIZE);
      this.#breakers.fill(breaker._id, from, to);
      this.#tickets.fill(ticket, from, to);
      this.#size = to;
      left -= to - from;
      if (to === BATCH_SIZE) this.send();
    }
  }

  /** Where no duration is judged, in memory of one thread: the fast path of the library (docs/adr/0014) costs less than the columns. */
  #isFast({ _policy: policy, _memory: memory }: CircuitBreaker): boolean {
    const isJudged = policy.slowCallMs !== Number.POSITIVE_INFINITY && !Number.isNaN(this.#durationMs);
    return !isJudged && !policy.needsTime && !memory.shared;
  }

  /** Reports the successes that were added. */
  send(): void {
    const size = this.#size;
    if (size === 0) return;
    this.#size = 0;
    reportBatch(this.#batch, size, this.#atMs);
  }

  #prepare(): void {
    if (!Object.is(this.#durationMs, this.#columnMs)) this.#batch.durations.fill(this.#durationMs);
    this.#columnMs = this.#durationMs;
    const { buffer } = this.#registry._core.memory.heap;
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    this.#breakers = this.#batch.breakers;
    this.#tickets = this.#batch.tickets;
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

/** The reports of one operator. A listener to a report may answer further events, which are another report. */
export class SuccessReports {
  readonly #registry: CircuitBreakerRegistry;
  /** Reports that no response fills now. */
  readonly #free: SuccessReport[] = [];

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
  }

  /** A report of successes at that time. @param durationMs of each call; NaN: unknown */
  begin(atMs: number, durationMs: number): SuccessReport {
    const report = this.#free.pop() ?? new SuccessReport(this.#registry);
    report.begin(atMs, durationMs);
    return report;
  }

  /** Sends the report; it is used again. */
  end(report: SuccessReport): void {
    report.send();
    this.#free.push(report);
  }
}
