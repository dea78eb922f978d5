/** What a call says to its breaker: that it begins, and how it ended. */
import type { CallBreaker, Job } from "./call-options.ts";
import { exactTimeOf, isOfThisLoop } from "./clock.ts";
import type { CircuitOpenError } from "./errors.ts";
import { durationWithoutLag } from "./loop-lag.ts";
import type { Classify, Outcome } from "./options.ts";
import { warn } from "./platform.ts";
import type { CallOutcome } from "./policy-cache.ts";

/** @internal Whether the breaker admits the call. */
export function admitCall(job: Job): boolean {
  const { breaker } = job;
  job.startMs = breaker._startOf();
  job.ticket = breaker._policy.needsTime ? breaker.tryAcquire() : breaker._admit();
  return job.ticket !== 0;
}

/** @internal The error of a call that was just refused. */
export function refuse(job: Job): CircuitOpenError {
  const error = job.breaker._refusal(job.startMs);
  tell(job, "refused", error);
  return error;
}

/** @internal What the fallback of a call gives. */
export function fallBack(job: Job, error: unknown, isRefused: boolean): unknown {
  tell(job, "fallback", error);
  return job.fallback!(error, isRefused);
}

function tell(job: Job, outcome: CallOutcome, end: unknown): void {
  job.breaker._policy.cache.observe?.(job, outcome, end);
}

/**
 * @internal Judges and reports how a call ended.
 * @throws what `classify` throws, and TypeError for what it must not return; the call is reported by the usual rule then.
 */
export function judge(job: Job, end: PromiseSettledResult<unknown>): void {
  const isValue = end.status === "fulfilled";
  const usual = isValue ? "success" : "failure";
  let verdict: Outcome | number = usual;
  try {
    if (job.classify) verdict = checkVerdict(job.classify(end)) ?? usual;
  } finally {
    report(job, verdict, isValue ? end.value : end.reason);
  }
}

const VERDICTS: readonly unknown[] = [undefined, "success", "failure", "ignored"];

/** @throws TypeError for what `classify` must not return. */
function checkVerdict(verdict: unknown): ReturnType<Classify<unknown>> {
  if (VERDICTS.includes(verdict) || (typeof verdict === "number" && verdict >= 0))
    return verdict as Outcome | number | undefined;
  throw new TypeError(
    `classify must return "success", "failure", "ignored", ms to stay open, or undefined, got ${String(verdict)}`,
  );
}

/**
 * @internal Reports an ended call; a number is a failure and ms for the breaker to stay open. Nothing that goes wrong here changes
 * what the caller gets: it is a warning.
 */
export function report(job: Job, verdict: Outcome | "timeout" | number, end?: unknown): void {
  const { breaker, ticket, startMs } = job;
  const holdMs = typeof verdict === "number" ? verdict : undefined;
  job.isFailure = verdict !== "success" && verdict !== "ignored";
  try {
    tell(job, verdict, end);
    // At times of the breaker's own clock, from which it takes what our own loop was to blame for.
    const durationMs = Number.isNaN(startMs)
      ? startMs
      : durationOf(breaker, startMs, exactTimeOf(breaker._clock));
    if (job.isFailure) breaker._failWith(end, ticket, breaker._clock(), durationMs, holdMs);
    else if (verdict === "success") breaker.onSuccess(ticket, undefined, durationMs);
    else breaker.release(ticket);
  } catch (error) {
    warn(error);
  }
}

/** Without the time that our own loop was to blame for, where that decides. */
function durationOf({ _clock, _policy }: CallBreaker, startMs: number, endMs: number): number {
  const durationMs = endMs - startMs;
  const isSlow = durationMs > _policy.slowCallMs && isOfThisLoop(_clock);
  return isSlow ? durationWithoutLag(startMs, endMs) : durationMs;
}
