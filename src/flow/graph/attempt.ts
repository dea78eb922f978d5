/** The tries to deliver one event, and how long the next one has to wait. */
import type { Meta } from "../protocol/event.ts";

/** Before the second try, in ms; each further wait is twice as long. */
const FIRST_DELAY_MS = 100;
/** No wait is longer, in ms, unless the endpoint asks for it. */
const LONGEST_DELAY_MS = 10_000;
/** The longest wait for a breaker that does not say when it lets events pass, in ms. */
const LONGEST_REFUSAL_MS = 1_000;

/** One event that was not delivered, from its first failure or refusal to its end. */
export interface Attempt {
  readonly sinceMs: number;
  /** Passages through the graph in which a sink failed it. */
  tries: number;
  /** Refusals since the latest try. */
  refusals: number;
  /** Why the latest try failed; undefined: no sink had it. */
  reason: Meta | undefined;
  /** What this passage came to, so far. */
  passage: "none" | "failed" | "refused";
  /** When to send it again, in ms. */
  dueMs: number;
  /** The sink for failed events has it. */
  isDeadLetter: boolean;
}

/** An event that was neither failed nor refused yet. */
export function firstAttempt(sinceMs: number): Attempt {
  return {
    sinceMs,
    tries: 0,
    refusals: 0,
    reason: undefined,
    passage: "none",
    dueMs: sinceMs,
    isDeadLetter: false,
  };
}

/** Twice as long after each try, or as long as the endpoint asked for. In ms. */
export function failureDelayOf({ tries, reason }: Attempt): number {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS);
  return Math.max(delayMs, positive(reason?.retry_after_ms));
}

/** Until the breaker says that it may pass; where it does not say when, a little longer each time. In ms. */
export function refusalDelayOf(meta: Meta | undefined, refusals: number): number {
  const breaker = meta?.circuit_breaker;
  const said = typeof breaker === "object" && breaker !== null && "retry_after_ms" in breaker;
  const retryAfterMs = said ? positive(breaker.retry_after_ms) : 0;
  if (retryAfterMs > 0) return retryAfterMs;
  return Math.min(FIRST_DELAY_MS * 2 ** (refusals - 1), LONGEST_REFUSAL_MS);
}

/** Sinks and events may say anything. */
function positive(ms: unknown): number {
  return typeof ms === "number" && ms > 0 && ms < Number.POSITIVE_INFINITY ? ms : 0;
}
