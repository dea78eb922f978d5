/** What the conductor and the processes of the cases say to each other. */
import type { Scale } from "./section.ts";

/** No answer takes that long; what hangs is broken. */
export const PATIENCE_MS = 120_000;

/** What to measure: the arguments of a case's process, as JSON. */
export interface Assignment extends Scale {
  readonly section: string;
  /** Name of a case, or of a reading. */
  readonly case: string;
}

/** From the conductor. */
export type Order =
  /** Measure for so long; `warmupMs` before that are not measured. */
  | { readonly kind: "measure"; readonly timeMs: number; readonly warmupMs: number }
  /** Take the reading. */
  | { readonly kind: "take" }
  /** Check what was done, and end. */
  | { readonly kind: "verify" };

/** From a case. */
export type Answer =
  | { readonly kind: "ready" }
  /** The median over the samples of the round, for one operation. */
  | { readonly kind: "measured"; readonly ns: number }
  /** null: it cannot be read here. */
  | { readonly kind: "taken"; readonly value: number | null }
  | { readonly kind: "verified" }
  | { readonly kind: "broken"; readonly error: string };
