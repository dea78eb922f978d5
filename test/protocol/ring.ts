/** A count window as it stands in memory, counted anew from its ring. */

import {
  COUNT_BIT_FAILURE,
  COUNT_FAILURES_SHIFT,
  COUNT_NUMBER_BITS,
  COUNT_NUMBER_SHIFT,
  COUNT_OUTCOME_BITS,
  COUNT_RING_OFFSET,
  COUNT_SUM_BITS,
  COUNT_WORD_OUTCOMES,
  COUNT_WORD_SIZE,
} from "../../assembly/layout.ts";
import type { SharedBreakers } from "./shared-breakers.ts";

/** What the head of a count window says, and the failures among the last `size` outcomes by the ring itself. */
export function countWindowOf(shared: Pick<SharedBreakers, "shape" | "u32">, breaker: number, size: number) {
  const window = breaker + shared.shape.countWindowOffset;
  const head = BigInt(shared.u32(window)) | (BigInt(shared.u32(window + 4)) << 32n);
  const part = (shift: number, bits: number) => Number((head >> BigInt(shift)) & ((1n << BigInt(bits)) - 1n));
  const number = part(COUNT_NUMBER_SHIFT, COUNT_NUMBER_BITS);
  const places = 2 ** (32 - Math.clz32((size - 1) | (COUNT_WORD_OUTCOMES - 1)));
  // The latest outcome is in the head only.
  let failures = number === 0 ? 0 : part(0, COUNT_OUTCOME_BITS) & COUNT_BIT_FAILURE;
  for (let n = Math.max(number - size, 0); n < number - 1; n++) {
    const place = n % places;
    const word = window + COUNT_RING_OFFSET + Math.floor(place / COUNT_WORD_OUTCOMES) * COUNT_WORD_SIZE;
    const shift = (place % COUNT_WORD_OUTCOMES) * COUNT_OUTCOME_BITS;
    failures += (shared.u32(word) >>> shift) & COUNT_BIT_FAILURE;
  }
  return { number, failures: part(COUNT_FAILURES_SHIFT, COUNT_SUM_BITS), recounted: failures };
}
