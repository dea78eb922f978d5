/** Successes of one response, reported to the breakers of a registry in one call of the core. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { type Batch, createBatch, reportBatch, SUCCESS } from "../../features/batch.ts";
import type { Correlation } from "../protocol/correlation.ts";

/** Successes that one call of the core reports, at most. */
const BATCH_SIZE = 512;
/** So few are reported one by one: filling the columns of a batch costs more. */
const FEW = 4;

export class SuccessReport {
  readonly #registry: CircuitBreakerRegistry;
  /** Batches that no report fills now. A listener may report while a report is under way. */
  readonly #batches: Batch[] = [];

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
  }

  /** Reports the successes in their order: correlations whose value is the ticket that their breaker gave. @param durationMs of each call; NaN: unknown */
  send(successes: readonly Correlation[], atMs: number, durationMs: number): void {
    if (successes.length <= FEW) {
      for (const { about, value } of successes) (about as CircuitBreaker).onSuccess(value, atMs, durationMs);
      return;
    }
    for (let from = 0; from < successes.length; from += BATCH_SIZE) {
      this.#sendBatch(successes.slice(from, from + BATCH_SIZE), atMs, durationMs);
    }
  }

  #sendBatch(successes: readonly Correlation[], atMs: number, durationMs: number): void {
    const batch = this.#batches.pop() ?? createBatch(this.#registry, BATCH_SIZE);
    // The column of durations comes first: making it may move the others.
    const { durations, breakers, tickets, outcomes } = batch;
    let size = 0;
    for (const { about, value } of successes) {
      const breaker = about as CircuitBreaker;
      if (!breaker._refresh(false)) continue; // it was evicted: the report is late and changes nothing
      breakers[size] = breaker._id;
      tickets[size] = value;
      size++;
    }
    outcomes.fill(SUCCESS, 0, size);
    durations.fill(durationMs, 0, size);
    reportBatch(batch, size, atMs);
    this.#batches.push(batch);
  }
}
