/** Successes of one response, reported to the breakers of a registry in one call of the core. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { type Batch, createBatch, reportBatch, SUCCESS } from "../../features/batch.ts";

/** Successes that one call of the core reports, at most. */
const BATCH_SIZE = 512;

/** Gathers the successes of one response, and reports them in their order. */
export class SuccessReport {
  readonly #registry: CircuitBreakerRegistry;
  readonly #batch: Batch;
  /** Those of `#breakers`; others once the memory has grown. */
  #buffer: ArrayBufferLike | undefined;
  #breakers!: Uint32Array; // set with the buffer
  #tickets!: Uint32Array;
  #durations!: Float64Array;
  #size = 0;
  #atMs = 0;
  #durationMs = Number.NaN;

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
    this.#batch = createBatch(registry, BATCH_SIZE);
    void this.#batch.durations; // makes the column
    this.#batch.outcomes.fill(SUCCESS);
  }

  /** @param durationMs of each call; NaN: unknown */
  begin(atMs: number, durationMs: number): void {
    this.#atMs = atMs;
    this.#durationMs = durationMs;
  }

  /** A call of `breaker` with that ticket succeeded. */
  add(breaker: CircuitBreaker, ticket: number): void {
    if (!breaker._refresh(false)) return; // it was evicted: the report is late and changes nothing
    if (this.#buffer !== this.#registry._core.memory.heap.buffer) this.#view();
    this.#breakers[this.#size] = breaker._id;
    this.#tickets[this.#size] = ticket;
    this.#durations[this.#size] = this.#durationMs;
    this.#size++;
    if (this.#size === BATCH_SIZE) this.send();
  }

  /** Reports what was added. */
  send(): void {
    const size = this.#size;
    this.#size = 0;
    if (size > 0) reportBatch(this.#batch, size, this.#atMs);
  }

  #view(): void {
    this.#buffer = this.#registry._core.memory.heap.buffer;
    this.#breakers = this.#batch.breakers;
    this.#tickets = this.#batch.tickets;
    this.#durations = this.#batch.durations;
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
