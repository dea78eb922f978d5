/**
 * The unit of a stripe's counts. Where a sum would pass its width, all counts of the stripe are halved, and from then on
 * count in units of two calls, then four, ...; what is less than a unit is kept in SCALE and counts later. So the rates
 * stay right to a part of 2^-20, whatever the load and the length of the window. Only the thread of the stripe writes.
 */
import { load64, store64 } from "./cell";
import { SCALE_BITS, SCALE_OFFSET } from "./layout";

const MASK: u64 = (1 << SCALE_BITS) - 1;

/** Calls that one count of the stripe stands for. */
export function unitOf(stripe: usize): f64 {
  return <f64>((<u64>1) << halvings(stripe));
}

/** Whether the counts of the stripe are halved. */
export function isScaled(stripe: usize): bool {
  return halvings(stripe) !== 0;
}

function halvings(stripe: usize): u64 {
  return load64(stripe + SCALE_OFFSET) & MASK;
}

/** Notes that all counts were halved once more, or, with -1, doubled again. */
export function changeScale(stripe: usize, by: i32): void {
  const scale = load64(stripe + SCALE_OFFSET) + <u64>by;
  store64(stripe + SCALE_OFFSET, scale & MASK ? scale : 0);
}

/**
 * Whole units of so many calls and of what was left over, at most `most`; the rest is kept. `kind` 1: calls, 2: failures,
 * 3: slow ones.
 */
export function unitsOf(stripe: usize, kind: u64, calls: u32, most: u64): u32 {
  const scale = load64(stripe + SCALE_OFFSET);
  const shift = kind * SCALE_BITS;
  const left = (scale >> shift) & MASK;
  const all = left + calls;
  const units = min(all >> (scale & MASK), most);
  store64(stripe + SCALE_OFFSET, scale + ((all - (units << (scale & MASK)) - left) << shift));
  return <u32>units;
}
