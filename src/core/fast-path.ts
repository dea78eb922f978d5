/**
 * The fast path of a call, without leaving JavaScript: what `acquire`, `admit`, `succeed` and `fail` of the module do for
 * a breaker that is closed and enabled, in a bucket that goes on, upon a call of which nothing follows. A call into the
 * module costs more than that. In any other case these return 0 or false and change nothing: the module decides then.
 * test/core/fast-path.test.ts compares both byte for byte; docs/adr/0014 says why there are two.
 *
 * Only in memory of one thread: JavaScript has no way to read a cell of other threads that is both ordered and cheap.
 * Breakers without a block have the address 0: what lies there has no ticket.
 */
import {
  CALLS_OFFSET,
  CONSECUTIVE_OFFSET,
  COUNT_BIT_FAILURE,
  COUNT_BIT_SLOW,
  COUNT_CALLS_OFFSET,
  COUNT_FAILURES_SHIFT,
  COUNT_MINIMUM_CALLS_OFFSET,
  COUNT_NUMBER_BITS,
  COUNT_NUMBER_SHIFT,
  COUNT_OUTCOME_BITS,
  COUNT_RING_OFFSET,
  COUNT_SLOW_SHIFT,
  COUNT_WINDOW_OFFSET,
  COUNT_WORD_OUTCOMES,
  CURRENT_OFFSET,
  CURRENT_SKIP_JUDGEMENT,
  CURRENT_STREAK,
  DEADLINE_OFFSET,
  DETECTOR_CONSECUTIVE,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  FAILURES_OFFSET,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  MAXIMUM_JUMP,
  MINIMUM_CALLS_OFFSET,
  MODE_SHADOW,
  MODE_SHIFT,
  POLICY_OFFSET,
  REFUSED_OFFSET,
  REQUIRED_RATE_OFFSET,
  SCALE_OFFSET,
  STATE_OPEN,
  STRIPES_OFFSET,
  TICKET_GENERATION_SHIFT,
  TICKET_OFFSET,
  TICKET_SHIFT,
  TOTAL_SUCCEEDED_OFFSET,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";

// Constants of this file, since V8 looks imported ones up at every use; indices from that of the breaker. What is
// read becomes a signed number at once (`| 0`), since V8 checks at every use of another that it is not too large.
const DEADLINE = DEADLINE_OFFSET >>> 3;
const WORD = WORD_OFFSET >>> 2;
const POLICY = POLICY_OFFSET >>> 2;
const TICKET = (STRIPES_OFFSET + TICKET_OFFSET) >>> 2;
const CURRENT = (STRIPES_OFFSET + CURRENT_OFFSET) >>> 2;
const CALLS = (STRIPES_OFFSET + CALLS_OFFSET) >>> 2;
const SCALE = (STRIPES_OFFSET + SCALE_OFFSET) >>> 2;
const FAILURES = (STRIPES_OFFSET + FAILURES_OFFSET) >>> 2;
const REFUSED = (STRIPES_OFFSET + REFUSED_OFFSET) >>> 3;
const SUCCEEDED = (STRIPES_OFFSET + TOTAL_SUCCEEDED_OFFSET) >>> 3;
const LATEST = (STRIPES_OFFSET + LATEST_OFFSET) >>> 3; // END is the next
const STREAK_CELL = CONSECUTIVE_OFFSET >>> 2;
const NO_GENERATION = (1 << GENERATION_SHIFT) - 1;
const REQUIRED_RATE = REQUIRED_RATE_OFFSET >>> 3;
const MINIMUM_CALLS = MINIMUM_CALLS_OFFSET >>> 2;
const DETECTORS = DETECTORS_OFFSET >>> 2;
/** Added, not set: the ticket of a call that can hang has bits there, and must equal no word. */
const SHADOW = MODE_SHADOW << MODE_SHIFT;
const COUNT_WINDOW = COUNT_WINDOW_OFFSET >>> 2;
const COUNT_CALLS = COUNT_CALLS_OFFSET >>> 2;
const COUNT_MINIMUM = COUNT_MINIMUM_CALLS_OFFSET >>> 2;
const RING = COUNT_RING_OFFSET >>> 2;
/** Of the outcomes of a word, two bits each. */
const PLACES_LOG2 = 4; // of COUNT_WORD_OUTCOMES
const OUTCOME_MASK = (1 << COUNT_OUTCOME_BITS) - 1;
// The number of the head of a count window lies in both halves of the u64.
const LOW_NUMBER_SHIFT = COUNT_NUMBER_SHIFT;
const LOW_NUMBER_BITS = 32 - LOW_NUMBER_SHIFT;
const HIGH_NUMBER_BITS = COUNT_NUMBER_BITS - LOW_NUMBER_BITS;
// `-1 >>>`, since the build leaves `(1 << 22) - 1` as it is, and bundlers keep that.
const HIGH_NUMBER_MASK = -1 >>> (32 - HIGH_NUMBER_BITS);
const HIGH_GENERATION_MASK = (1 << (32 - HIGH_NUMBER_BITS)) - 1;
/** From here on the module halves the counts. */
const FULL = CURRENT_SKIP_JUDGEMENT | 0;

/** A ticket, or -1: refused, or 0: ask the module. */
export function acquireFast(memory: LinearMemory, breaker: number, now: number): number {
  if (memory.shared !== false) return 0;
  const { u32, f64 } = memory;
  const at = breaker >>> 2;
  const latest = (at >>> 1) + LATEST;
  if (!(now >= f64[latest]!)) return 0;
  const ticket = u32[at + TICKET]! | 0;
  const word = u32[at + WORD]! | 0;
  if (word === ticket << TICKET_SHIFT) {
    if (!(now < f64[latest + 1]!)) return 0;
    f64[latest] = now;
    return ticket;
  }
  if ((word & NO_GENERATION) !== STATE_OPEN || !(now < f64[(at >>> 1) + DEADLINE]!)) {
    if (word !== (ticket << TICKET_SHIFT) + SHADOW || !(now < f64[latest + 1]!)) return 0;
    f64[latest] = now;
    return ticket;
  }
  if (memory._tap !== false || now - f64[latest]! > MAXIMUM_JUMP) return 0;
  f64[latest] = now;
  f64[(at >>> 1) + REFUSED]!++;
  return -1;
}

/** A ticket, or 0: ask the module. Looks at no time and writes nothing. Not where calls can hang, with a throttle, or with a maximum of pending calls. */
export function admitFast(memory: LinearMemory, breaker: number): number {
  if (memory.shared !== false) return 0;
  const word = memory.u32[(breaker >>> 2) + WORD]!;
  return (word & NO_GENERATION) === 0 ? word >>> TICKET_SHIFT : 0;
}

/** Whether a success of one call, of unknown duration, was counted. */
export function succeedFast(memory: LinearMemory, breaker: number, ticket: number, now: number): boolean {
  if (memory._tap !== false) return memory._tap(breaker, ticket, now, 0);
  const { u32, f64 } = memory;
  const at = breaker >>> 2;
  const latest = (at >>> 1) + LATEST;
  if ((u32[at + TICKET]! | 0) !== ticket) return false;
  const word = u32[at + WORD]! | 0;
  if (word !== ticket << TICKET_SHIFT && word !== (ticket << TICKET_SHIFT) + SHADOW) return false;
  if (!(now < f64[latest + 1]! && now >= f64[latest]!)) return false;
  const current = u32[at + CURRENT]! | 0;
  const calls = u32[at + CALLS]! >>> 0;
  if (calls < (current & CURRENT_SKIP_JUDGEMENT)) {
    u32[at + CALLS] = calls + 1;
  } else if ((current & CURRENT_STREAK) !== 0 && u32[at + STREAK_CELL] === 0) {
    f64[(at >>> 1) + SUCCEEDED]!++;
  } else if (!appendSuccess(memory, at, ticket)) {
    return false;
  }
  f64[latest] = now;
  return true;
}

/**
 * Whether a success was counted in the count window, as `append` of assembly/count.ts does, and in the others: where every
 * window has its least number of calls, so that a success cannot lead to a verdict, and there is no streak to end.
 */
function appendSuccess({ u32, f64 }: LinearMemory, at: number, ticket: number): boolean {
  const policy = u32[at + POLICY]! >>> 2;
  const detectors = u32[policy + DETECTORS]! | 0;
  if ((detectors & DETECTOR_COUNT_WINDOW) === 0) return false;
  const calls = u32[at + CALLS]! >>> 0;
  const isTimed = (detectors & DETECTOR_TIME_WINDOW) !== 0;
  if (isTimed && (calls < u32[policy + MINIMUM_CALLS]! || calls >= FULL || u32[at + SCALE] !== 0))
    return false;
  if ((detectors & DETECTOR_CONSECUTIVE) !== 0 && (u32[at + STREAK_CELL]! | 0) !== 0) return false;
  const window = at + (u32[policy + COUNT_WINDOW]! >>> 2);
  const low = u32[window]! | 0;
  const high = u32[window + 1]! | 0;
  // The upper bits of the head are the lower ones of its generation.
  if ((((ticket >>> TICKET_GENERATION_SHIFT) ^ (high >>> HIGH_NUMBER_BITS)) & HIGH_GENERATION_MASK) !== 0)
    return false;
  const number = ((high & HIGH_NUMBER_MASK) << LOW_NUMBER_BITS) | (low >>> LOW_NUMBER_SHIFT);
  if (number < (u32[policy + COUNT_MINIMUM]! | 0) || number === (1 << COUNT_NUMBER_BITS) - 1) return false;
  const size = u32[policy + COUNT_CALLS]! | 0;
  const last = -1 >>> Math.clz32((size - 1) | (COUNT_WORD_OUTCOMES - 1));
  const ring = window + RING;
  // Writes the latest outcome to the ring, where it is not there.
  const place = last & (number - 1);
  const cell = ring + ((place >>> PLACES_LOG2) << 1);
  const shift = (place << 1) & 31;
  const outcomes = u32[cell]! | 0;
  const change = ((outcomes >>> shift) ^ low) & OUTCOME_MASK;
  if (change !== 0) {
    u32[cell] = outcomes ^ (change << shift);
    u32[cell + 1] = (u32[cell + 1]! | 0) + 1;
  }
  let sums = low & ~OUTCOME_MASK;
  if (number >= size) {
    const expired = last & (number - size);
    const evicted = u32[ring + ((expired >>> PLACES_LOG2) << 1)]! >>> ((expired << 1) & 31);
    sums -= (evicted & COUNT_BIT_FAILURE) << COUNT_FAILURES_SHIFT;
    sums -= (evicted & COUNT_BIT_SLOW) << (COUNT_SLOW_SHIFT - 1);
  }
  u32[window] = sums + (1 << LOW_NUMBER_SHIFT);
  if (sums >>> LOW_NUMBER_SHIFT === (1 << LOW_NUMBER_BITS) - 1) u32[window + 1] = high + 1;
  if (isTimed) u32[at + CALLS] = calls + 1;
  else f64[(at >>> 1) + SUCCEEDED]!++;
  return true;
}

/** Whether a failure of one call, of unknown duration, was counted: in a time window alone, and without a verdict. */
export function failFast(memory: LinearMemory, breaker: number, ticket: number, now: number): boolean {
  if (memory._tap !== false) return memory._tap(breaker, ticket, now, 1);
  const { u32, f64 } = memory;
  const at = breaker >>> 2;
  const latest = (at >>> 1) + LATEST;
  if ((u32[at + TICKET]! | 0) !== ticket) return false;
  const word = u32[at + WORD]! | 0;
  if (word !== ticket << TICKET_SHIFT && word !== (ticket << TICKET_SHIFT) + SHADOW) return false;
  if (!(now < f64[latest + 1]! && now >= f64[latest]!)) return false;
  const policy = u32[at + POLICY]! >>> 2;
  if (u32[policy + DETECTORS] !== DETECTOR_TIME_WINDOW) return false;
  const calls = u32[at + CALLS]! + 1;
  const failures = u32[at + FAILURES]! + 1;
  // The first call of the bucket that brings the window to its minimum is judged by the module, which notes that.
  if (calls >= u32[policy + MINIMUM_CALLS]!) {
    if (calls > FULL || (u32[at + CURRENT]! & CURRENT_SKIP_JUDGEMENT) === 0) return false;
    if ((calls - failures) / calls < f64[(policy >>> 1) + REQUIRED_RATE]!) return false;
  }
  u32[at + CALLS] = calls;
  u32[at + FAILURES] = failures;
  f64[latest] = now;
  return true;
}
