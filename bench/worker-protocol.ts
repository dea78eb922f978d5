/** The messages between the scheduler and the processes of the cases. */
import type { Scale } from "./section.ts";

/** A case without an answer for so long is broken. */
export const ANSWER_TIMEOUT_MS = 120_000;

/** What to measure: the arguments of a case's process, as JSON. */
export interface Assignment extends Scale {
  readonly section: string;
  /** Name of a case, or of a reading. */
  readonly case: string;
}

/** From the scheduler. */
export type Order =
  /** Measure for so long; `warmupMs` before that are not measured. */
  | { readonly kind: "measure"; readonly timeMs: number; readonly warmupMs: number }
  /** Take the reading. */
  | { readonly kind: "take" }
  /** Check the checksum, and end. */
  | { readonly kind: "verify" };

/** From a case. */
export type Answer =
  | { readonly kind: "ready" }
  /** The median over the samples of the round, for one operation. */
  | { readonly kind: "measured"; readonly ns: number }
  /** null: it is not possible here. */
  | { readonly kind: "taken"; readonly value: number | null }
  | { readonly kind: "verified" }
  | { readonly kind: "broken"; readonly error: string };
