/** A budget for retries, so that they never multiply the load of an endpoint that is down. */
import { BUCKETS_OFFSET } from "../../assembly/layout.ts";
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { numberOption, objectOption } from "../breaker/validate.ts";
import { totalsIn } from "../core/totals.ts";

/** How many retries a breaker's calls pay for. */
export interface RetryBudgetOptions {
  /** Tokens for each first call that has ended, and for each success: 0..1. Default: 0.1. */
  readonly share?: number | undefined;
  /** Tokens that are kept at most: 1..1,000,000. Default: 10. */
  readonly maximum?: number | undefined;
}

/** Tokens of a breaker that has had no call: without them the first failure could never be retried. */
const INITIAL_TOKENS = 3;
/** What sums of shares may be off by. */
const ROUNDING = 1e-9;

interface Budget {
  tokens: number;
  /** Where the totals below were read. */
  stripe: number;
  succeeded: number;
  /** Calls that have ended. */
  ended: number;
  /** Retries that were allowed and have not been seen to end. */
  retries: number;
}

const budgets = /* @__PURE__ */ new WeakMap<CircuitBreaker, Budget>();

/**
 * Asks whether a call that failed may be tried once more, and takes a token for it: ask once before each retry. Each first
 * call that has ended pays `share` of a token, and so does each success. So while an endpoint is down, its load is at most 1 +
 * `share` times that of the first calls, whatever the number of retries; while it works, nearly every failure may be retried.
 * A breaker begins with 3 tokens (with `maximum`, if that is less).
 *
 * False without taking a token while the breaker refuses calls. Counts what this thread has reported to the breaker, by its
 * totals: each thread of a shared registry has a budget of its own.
 * @throws OptionError for bad options.
 */
export function mayRetry(breaker: CircuitBreaker, options: RetryBudgetOptions = {}): boolean {
  const given = objectOption("options", options, ["share", "maximum"]);
  const share = numberOption("share", given.share, { from: 0, to: 1 }, 0.1);
  const maximum = numberOption("maximum", given.maximum, { from: 1, to: 1_000_000 }, 10);
  if (breaker.retryAfterMs() > 0) return false;
  let budget = budgets.get(breaker);
  if (!budget) {
    budget = { tokens: INITIAL_TOKENS, stripe: 0, succeeded: 0, ended: 0, retries: 0 };
    budgets.set(breaker, budget);
  }
  budget.tokens = Math.min(maximum, budget.tokens + share * paidSince(breaker, budget));
  if (budget.tokens < 1 - ROUNDING) return false;
  budget.tokens -= 1;
  budget.retries += 1;
  return true;
}

/** First calls and successes that have come since the latest look. */
function paidSince(breaker: CircuitBreaker, budget: Budget): number {
  const { address, stripe } = breaker._block();
  const { _core: core } = breaker;
  core.cover(stripe + BUCKETS_OFFSET);
  // Only this thread writes its stripe.
  const { succeeded, failed } = address
    ? totalsIn(core.memory, address, [stripe])
    : { succeeded: 0, failed: 0 };
  const ended = succeeded + failed;
  const isSame = budget.stripe === stripe || budget.stripe === 0;
  const newEnded = isSame ? Math.max(0, ended - budget.ended) : 0;
  const newSucceeded = isSame ? Math.max(0, succeeded - budget.succeeded) : 0;
  // Of the calls that have ended, as many as were allowed as retries count as retries.
  const retries = Math.min(newEnded, budget.retries);
  Object.assign(budget, { stripe, succeeded, ended, retries: budget.retries - retries });
  return newEnded - retries + newSucceeded;
}
