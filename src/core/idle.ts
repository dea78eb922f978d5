/** Which breakers can be forgotten: they are as new ones are. */
import {
  MODE_MASK,
  MODE_SHIFT,
  OWNER_MASK,
  OWNER_SHIFT,
  START_MODE_OFFSET,
  STATE_MASK,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import { type Core, firstWordOf } from "./core.ts";
import { isBlank } from "./measure.ts";

const STATE_BITS = STATE_MASK | (MODE_MASK << MODE_SHIFT) | (OWNER_MASK << OWNER_SHIFT);

/**
 * Whether a breaker is the same as a new one of its policy: in the same mode, not opened by a verdict, with empty
 * windows at `nowMs` and at level 0. The count of a window of calls never empties by time.
 */
export function isLikeNew(core: Core, breaker: number, nowMs: number): boolean {
  const mode = core.u32At(core.policyOf(breaker) + START_MODE_OFFSET);
  if ((core.u32At(breaker + WORD_OFFSET) & STATE_BITS) !== firstWordOf(mode)) return false;
  return isBlank(core.measure(breaker, nowMs));
}
