/**
 * What the model writes down at each transition: the fields of a breaker's event that follow from the rules alone.
 */

import type { DetectorCause } from "./detector.ts";
import type { ModelMode } from "./options.ts";
import type { Counts } from "./window.ts";

/** What a breaker is doing. */
export type ModelState = "closed" | "open" | "half_open";

/** Why it began to do so. */
export type ModelCause =
  | DetectorCause
  | "delay_ended"
  | "probe_failed"
  | "probe_timed_out"
  | "probes_succeeded"
  | "ramp_ended"
  | "tripped"
  | "overloaded"
  | "relieved"
  | "mode"
  | "reset";

/** What it is called. */
export type ModelEventKind =
  | "opened"
  | "closed"
  | "half_opened"
  | "enabled"
  | "disabled"
  | "shadowed"
  | "reset"
  | "throttled"
  | "restored";

/** One transition. */
export interface ModelEvent extends Counts {
  readonly kind: ModelEventKind;
  readonly from: ModelState;
  readonly to: ModelState;
  readonly cause: ModelCause;
  /** The mode after the transition. */
  readonly mode: ModelMode;
  readonly atMs: number;
  /** The generation that the transition began. */
  readonly generation: number;
  /** undefined where there were no calls. */
  readonly successRate: number | undefined;
  /** Message of the failure whose report opened it. */
  readonly lastError: string | undefined;
  /** The level after the transition. */
  readonly level: number;
  /** Part of the calls that passes from here on, without the probes, in parts of 1/65,536. */
  readonly share: number;
  /** How long it stays open, in ms; Infinity where it was forced open, 0 where it is not open. */
  readonly delayMs: number;
  /** When it may be tried again, in ms: `atMs` where it is not open, Infinity where it was forced open. */
  readonly retryAtMs: number;
}
