/**
 * Transitions: who may change the state of a breaker, and how.
 *
 * A thread owns a breaker by swapping its own number into the owner bits of WORD. While it is there, nobody
 * else changes WORD, DEADLINE, LEVEL or DELAY; calls go on by the state that WORD still shows. The owner
 * writes the journal first (see journal.ts) and stores the new WORD last. An owner that dies is cleaned up
 * after by `recover`, called when its stripe is taken back.
 */
import { delayAt } from "./backoff";
import {
  isZero,
  load32,
  loadF32,
  loadF64,
  peek32,
  peekF64,
  publish32,
  publish64,
  publishF64,
  store32,
  storeF32,
  storeF64,
  swap32,
} from "./cell";
import { commit, draftOf, note, recordAt, writerOf } from "./journal";
import {
  CAUSE_DELAY_ENDED,
  CAUSE_MODE,
  CHANGE_CAUSE_SHIFT,
  CHANGE_FROM_SHIFT,
  CONSECUTIVE_OFFSET,
  COUNT_HEAD_OFFSET,
  COUNT_WINDOW_OFFSET,
  DEADLINE_OFFSET,
  DECAY_MS_OFFSET,
  DELAY_OFFSET,
  DETECTOR_CONSECUTIVE,
  DETECTORS_OFFSET,
  GENERATION_SHIFT,
  LEVEL_OFFSET,
  MODE_FORCED_OPEN,
  MODE_MASK,
  MODE_SHIFT,
  OWNER_MASK,
  OWNER_SHIFT,
  POLICY_OFFSET,
  RECORD_BREAKER_OFFSET,
  RECORD_CHANGE_OFFSET,
  RECORD_DEADLINE_OFFSET,
  RECORD_DELAY_OFFSET,
  RECORD_GENERATION_OFFSET,
  RECORD_LEVEL_OFFSET,
  RECORD_TIME_OFFSET,
  REGISTRY_OFFSET,
  STATE_CLOSED,
  STATE_OPEN,
  WORD_OFFSET,
  WRITER_BREAKER_OFFSET,
  WRITER_HEAD_OFFSET,
} from "./layout";
import { clearLeases } from "./probe";
import { stepsSince } from "./ramp";
import { indexOf } from "./stripe";
import { generationAfter, isOwned, modeOf, ownerOf, stateOf } from "./word";

/**
 * Takes the breaker from `word` to a state. False if another thread was faster: nothing is changed
 * then. A verdict has noted its window in the draft; for other causes the note is emptied here. `to` is the state, and
 * beside it the mode where the cause is one from CAUSE_MODE on: no other changes the mode.
 */
export function transition(breaker: usize, stripe: usize, word: u32, to: u32, cause: u32, now: f64): bool {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const registry: usize = load32(policy + REGISTRY_OFFSET);
  const index = indexOf(breaker, policy, stripe);
  const writer = writerOf(registry, index);
  if (!own(breaker, writer, index, word)) return false;
  // Held open for longer since the caller looked at the deadline?
  if (ASC_FEATURE_THREADS && cause === CAUSE_DELAY_ENDED && now < peekF64(breaker + DEADLINE_OFFSET)) {
    disown(breaker, writer, word);
    return false;
  }
  const draft = draftOf(registry, index);
  if (cause >= <u32>CAUSE_DELAY_ENDED) note(draft, 0, 0, 0);
  store32(draft + RECORD_BREAKER_OFFSET, <u32>breaker);
  store32(draft + RECORD_GENERATION_OFFSET, generationAfter(word));
  if (cause < <u32>CAUSE_MODE) to |= word & (MODE_MASK << MODE_SHIFT);
  const change = to | ((word & 15) << CHANGE_FROM_SHIFT) | (cause << CHANGE_CAUSE_SHIFT);
  store32(draft + RECORD_CHANGE_OFFSET, change);
  storeF64(draft + RECORD_TIME_OFFSET, now);
  if (cause === CAUSE_DELAY_ENDED) clearLeases(breaker, policy);
  plan(draft, breaker, policy, word, to, cause, now);
  commit(writer);
  complete(breaker, writer, draft);
  return true;
}

/** Level, delay and deadline of the state to come. */
function plan(draft: usize, breaker: usize, policy: usize, word: u32, to: u32, cause: u32, now: f64): void {
  let level: u32 = 0;
  let delay: f64 = 0;
  let deadline = now;
  if (modeOf(to) === MODE_FORCED_OPEN) {
    delay = Infinity;
    deadline = Infinity;
  } else if (stateOf(to) === STATE_OPEN) {
    level = levelAt(breaker, policy, word, now);
    delay = delayAt(policy, level, loadF32(breaker + DELAY_OFFSET));
    deadline = now + delay;
    level++;
  } else if (cause < <u32>CAUSE_MODE && !(stateOf(to) === STATE_CLOSED && isZero(policy + DECAY_MS_OFFSET))) {
    level = load32(breaker + LEVEL_OFFSET);
  }
  store32(draft + RECORD_LEVEL_OFFSET, level);
  storeF64(draft + RECORD_DELAY_OFFSET, delay);
  storeF64(draft + RECORD_DEADLINE_OFFSET, deadline);
}

/** The level at `now`: a closed breaker loses some of it with healthy time. */
export function levelAt(breaker: usize, policy: usize, word: u32, now: f64): u32 {
  const level = load32(breaker + LEVEL_OFFSET);
  if (stateOf(word) !== STATE_CLOSED || isZero(policy + DECAY_MS_OFFSET)) return level;
  const healthy = stepsSince(breaker, loadF64(policy + DECAY_MS_OFFSET), now);
  return <u32>Math.max(<f64>level - healthy, 0);
}

/** Brings the breaker to what the record says; the store of WORD makes it visible and ends the ownership. */
function complete(breaker: usize, writer: usize, record: usize): void {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const change = load32(record + RECORD_CHANGE_OFFSET);
  const window = load32(policy + COUNT_WINDOW_OFFSET);
  if (window !== 0) publish64(breaker + window + COUNT_HEAD_OFFSET, 0); // it knows few bits of its generation
  publishF64(breaker + DEADLINE_OFFSET, loadF64(record + RECORD_DEADLINE_OFFSET));
  store32(breaker + LEVEL_OFFSET, load32(record + RECORD_LEVEL_OFFSET));
  if (stateOf(change) === STATE_OPEN) storeF32(breaker + DELAY_OFFSET, loadF64(record + RECORD_DELAY_OFFSET));
  const generation = load32(record + RECORD_GENERATION_OFFSET);
  disown(breaker, writer, (generation << GENERATION_SHIFT) | (change & 15));
}

/** Makes this thread the owner; false if `word` is no longer there or is owned. */
function own(breaker: usize, writer: usize, index: u32, word: u32): bool {
  if (!ASC_FEATURE_THREADS) return true; // nobody to keep out, and nobody left to clean up after
  if (isOwned(word)) return false;
  publish32(writer + WRITER_BREAKER_OFFSET, <u32>breaker); // before the swap: `recover` looks there
  if (swap32(breaker + WORD_OFFSET, word, word | ((index + 1) << OWNER_SHIFT))) return true;
  publish32(writer + WRITER_BREAKER_OFFSET, 0);
  return false;
}

/** Ends an ownership with that word. */
function disown(breaker: usize, writer: usize, word: u32): void {
  publish32(breaker + WORD_OFFSET, word);
  if (ASC_FEATURE_THREADS) publish32(writer + WRITER_BREAKER_OFFSET, 0);
}

/** `own` for what is no transition. */
function take(breaker: usize, stripe: usize, word: u32): bool {
  if (!ASC_FEATURE_THREADS) return true;
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const index = indexOf(breaker, policy, stripe);
  return own(breaker, writerOf(load32(policy + REGISTRY_OFFSET), index), index, word);
}

/** Ends what `take` began. */
function leave(breaker: usize, stripe: usize, word: u32): void {
  if (!ASC_FEATURE_THREADS) return; // it has that word
  const policy: usize = load32(breaker + POLICY_OFFSET);
  disown(breaker, writerOf(load32(policy + REGISTRY_OFFSET), indexOf(breaker, policy, stripe)), word);
}

/** Lets an open breaker stay open at least until then. False if it is not open or is owned. */
export function extend(breaker: usize, stripe: usize, word: u32, until: f64): bool {
  if (!take(breaker, stripe, word)) return false;
  if (until > loadF64(breaker + DEADLINE_OFFSET)) publishF64(breaker + DEADLINE_OFFSET, until);
  leave(breaker, stripe, word);
  return true;
}

/** Gives the breaker another policy for the same windows and leases. False if it is owned: nothing is changed then. */
export function adopt(breaker: usize, stripe: usize, word: u32, policy: usize): bool {
  const old: usize = load32(breaker + POLICY_OFFSET);
  if (!take(breaker, stripe, word)) return false;
  // A row that nobody looked at, or will look at, is none.
  const both = load32(old + DETECTORS_OFFSET) & load32(policy + DETECTORS_OFFSET);
  if (!(both & DETECTOR_CONSECUTIVE)) publish64(breaker + CONSECUTIVE_OFFSET, 0);
  publish32(breaker + POLICY_OFFSET, <u32>policy);
  leave(breaker, stripe, word);
  return true;
}

/**
 * Cleans up after a thread that died: finishes or drops the transition that it owned. To be called when its
 * stripe is taken back, by one thread, when the dead one certainly runs no more.
 */
export function recover(registry: usize, index: u32): void {
  if (!ASC_FEATURE_THREADS) return; // memory that is not shared dies with its thread
  const writer = writerOf(registry, index);
  const breaker: usize = peek32(writer + WRITER_BREAKER_OFFSET);
  if (breaker === 0) return;
  const word = peek32(breaker + WORD_OFFSET);
  if (ownerOf(word) === index + 1) {
    // The record that it wrote last, if any; what was never written names no breaker.
    const record = recordAt(registry, index, peek32(writer + WRITER_HEAD_OFFSET) - 1);
    if (
      load32(record + RECORD_BREAKER_OFFSET) === <u32>breaker &&
      load32(record + RECORD_GENERATION_OFFSET) === generationAfter(word)
    ) {
      complete(breaker, writer, record);
      return;
    }
    publish32(breaker + WORD_OFFSET, word & ~(OWNER_MASK << OWNER_SHIFT));
  }
  publish32(writer + WRITER_BREAKER_OFFSET, 0);
}
