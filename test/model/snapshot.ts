/**
 * What somebody who looks at a breaker sees.
 */

import type { ModelCause, ModelState } from "./event.ts";
import type { ModelMode } from "./options.ts";
import type { Counts } from "./window.ts";

/** One look at a breaker; calls, failures and slow are those of the time window, else of the count window. */
export interface ModelSnapshot extends Counts {
  readonly state: ModelState;
  readonly mode: ModelMode;
  readonly successRate: number | undefined;
  /** Where a detector looks at them; else 0. */
  readonly consecutiveFailures: number;
  /** Calls that are out, and those of them that hang; 0 where none can. */
  readonly pending: number;
  readonly hung: number;
  /** The level at the time of the look. */
  readonly level: number;
  readonly generation: number;
  /** How many of the calls that ask now pass, by the state: 0..1. */
  readonly share: number;
  readonly late: number;
  readonly refused: number;
  readonly totals: ModelTotals;
  readonly retryAfterMs: number;
}

/** All that a breaker has counted since it was made. */
export interface ModelTotals {
  readonly succeeded: number;
  readonly failed: number;
  readonly slow: number;
  readonly refused: number;
  readonly refusedBy: { readonly open: number; readonly forced_open: number };
  readonly late: number;
  readonly opened: number;
}

/** The opening since which a breaker has not been closed. */
export interface ModelOpening extends Counts {
  readonly cause: ModelCause;
  readonly atMs: number;
  readonly successRate: number | undefined;
  readonly lastError: string | undefined;
}
