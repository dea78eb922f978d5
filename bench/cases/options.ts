/** Options of the breakers that are measured: the defaults of the library, without jitter. */
import { DEFAULT_POLICY, type HandPolicy } from "../byhand/policy.ts";
import type { Clock } from "../work.ts";

const { windowMs, buckets, minimumCalls, requiredSuccessRate, delaysMs } = DEFAULT_POLICY;
const WINDOW = { kind: "success_rate_over_time_window", windowMs, buckets, minimumCalls } as const;

/** Given to the library. */
export const OPTIONS = {
  detector: { ...WINDOW, requiredSuccessRate },
  backoff: { kind: "steps", delaysMs, jitter: "none" },
} as const;

/** A day, the longest delay: a breaker that opens stays open for the whole run. */
const STAYS_OPEN_MS = 86_400_000;
export const LASTING_POLICY: HandPolicy = { ...DEFAULT_POLICY, delaysMs: [STAYS_OPEN_MS] };
export const LASTING_OPTIONS = {
  ...OPTIONS,
  backoff: { kind: "constant", delayMs: STAYS_OPEN_MS, jitter: "none" },
} as const;

/** No rate opens the breaker, and each failure is judged. */
export const PATIENT_OPTIONS = { ...OPTIONS, detector: { ...WINDOW, requiredSuccessRate: 0 } } as const;
export const PATIENT_POLICY: HandPolicy = { ...DEFAULT_POLICY, requiredSuccessRate: 0 };

/** A breaker of any kind. */
export interface TicketBreaker {
  tryAcquire(nowMs: number): number;
  onSuccess(ticket: number, nowMs: number, durationMs: number): void;
  onFailure(ticket: number, nowMs: number, durationMs: number): void;
}

/** Reports `minimumCalls` successes, so that the window judges no more. */
export function warm(breaker: TicketBreaker, clock: Clock): void {
  for (let call = 0; call < minimumCalls; call++) {
    breaker.onSuccess(breaker.tryAcquire(clock.nowMs), clock.nowMs, Number.NaN);
  }
}

/** Opens it by `minimumCalls` failures. */
export function trip(breaker: TicketBreaker, clock: Clock): void {
  for (let call = 0; call < minimumCalls; call++) {
    breaker.onFailure(breaker.tryAcquire(clock.nowMs), clock.nowMs, Number.NaN);
  }
}
