/**
 * Which operators hold a breaker open because a sink behind them is broken.
 *
 * Several operators may guard one endpoint and so share its breaker. Were it the last one's word that counts,
 * the restore of one operator's sink would send traffic to another operator's sink that is still down.
 */
import type { GuardedBreaker } from "../breaker/breaker.ts";

const HOLDERS = new WeakMap<GuardedBreaker, Set<object>>();

/** `holder` wants the breaker open from now on. */
export function hold(breaker: GuardedBreaker, holder: object): void {
  const holders = HOLDERS.get(breaker) ?? new Set();
  HOLDERS.set(breaker, holders.add(holder));
}

/** `holder` does not, any more or at all. True when nobody does. */
export function letGo(breaker: GuardedBreaker, holder: object): boolean {
  const holders = HOLDERS.get(breaker);
  holders?.delete(holder);
  return holders === undefined || holders.size === 0;
}
