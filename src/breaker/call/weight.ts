/** What a report says besides its ticket and its time. */
import { MAXIMUM_WEIGHT } from "../../../assembly/layout.ts";

/** The longest that a report can hold a breaker open, ms. */
const MAXIMUM_HOLD_MS = 86_400_000;

/** @throws RangeError */
export function checkHold(holdMs: number): number {
  if (holdMs >= 0 && holdMs <= MAXIMUM_HOLD_MS) return holdMs;
  throw new RangeError(`holdMs must be a number from 0 to ${MAXIMUM_HOLD_MS}, got ${String(holdMs)}`);
}

/** @throws RangeError */
export function checkWeight(weight: number): number {
  if (weight === 1 || (Number.isInteger(weight) && weight >= 1 && weight <= MAXIMUM_WEIGHT)) return weight;
  throw new RangeError(`weight must be a whole number from 1 to ${MAXIMUM_WEIGHT}, got ${String(weight)}`);
}
