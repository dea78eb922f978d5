/**
 * Transitions: how the state, the mode and the generation of a breaker change.
 *
 * The owner of the breaker (owner.ts) writes the journal first (journal.ts), then the breaker from
 * the record, WORD last. `recover` finishes or drops the transition of an owner that died.
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
} from "./cell";
import { commit, draftOf, recordAt, writeCounts, writerOf } from "./journal";
import {
  CAUSE_DELAY_ENDED,
  CAUSE_MODE,
  CHANGE_CAUSE_SHIFT,
  CHANGE_FROM_SHIFT,
  COUNT_HEAD_OFFSET,
  COUNT_WINDOW_OFFSET,
  DEADLINE_OFFSET,
  DECAY_MS_OFFSET,
  DELAY_OFFSET,
  GENERATION_SHIFT,
  LEVEL_OFFSET,
  MODE_FORCED_OPEN,
  MODE_MASK,
  MODE_SHIFT,
  OPENED_OFFSET,
  OWNER_MASK,
  OWNER_SHIFT,
  POLICY_OFFSET,
  RECORD_BREAKER_OFFSET,
  RECORD_CHANGE_OFFSET,
  RECORD_DEADLINE_OFFSET,
  RECORD_DELAY_OFFSET,
  RECORD_GENERATION_OFFSET,
  RECORD_LEVEL_OFFSET,
  RECORD_OPENED_OFFSET,
  RECORD_TIME_OFFSET,
  REGISTRY_OFFSET,
  STATE_CLOSED,
  STATE_OPEN,
  WORD_OFFSET,
  WRITER_BREAKER_OFFSET,
  WRITER_HEAD_OFFSET,
} from "./layout";
import { disown, endOwnership, own } from "./owner";
import { clearLeases } from "./probe";
import { stepsSince } from "./ramp";
import { indexOf } from "./stripe";
import { generationAfter, modeOf, ownerOf, stateOf } from "./word";

/**
 * `writeTransition`, if the thread can own the breaker. False, and nothing changed, if another
 * thread was faster.
 */
export function transition(breaker: usize, stripe: usize, word: u32, to: u32, cause: u32, now: f64): bool {
  if (!own(breaker, stripe, word)) return false;
  // `hold` may have raised the deadline since the caller read it.
  if (ASC_FEATURE_THREADS && cause === CAUSE_DELAY_ENDED && now < peekF64(breaker + DEADLINE_OFFSET)) {
    disown(breaker, stripe, word);
    return false;
  }
  writeTransition(breaker, stripe, word, to, cause, now, 0);
  return true;
}

/**
 * Takes a breaker that the caller owns from `word` to a state, and ends the ownership. For causes
 * of detectors the draft has the counts of the window. `to`: a STATE_, and from CAUSE_MODE on the
 * mode beside it. `holdMs`: least delay of an opening.
 */
export function writeTransition(
  breaker: usize,
  stripe: usize,
  word: u32,
  to: u32,
  cause: u32,
  now: f64,
  holdMs: f64,
): void {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const registry: usize = load32(policy + REGISTRY_OFFSET);
  const index = indexOf(breaker, policy, stripe);
  const draft = draftOf(registry, index);
  if (cause >= <u32>CAUSE_DELAY_ENDED) writeCounts(draft, 0, 0, 0);
  store32(draft + RECORD_BREAKER_OFFSET, <u32>breaker);
  store32(draft + RECORD_GENERATION_OFFSET, generationAfter(word));
  if (cause < <u32>CAUSE_MODE) to |= word & (MODE_MASK << MODE_SHIFT);
  const change = to | ((word & 15) << CHANGE_FROM_SHIFT) | (cause << CHANGE_CAUSE_SHIFT);
  store32(draft + RECORD_CHANGE_OFFSET, change);
  storeF64(draft + RECORD_TIME_OFFSET, now);
  const opens = cause < <u32>CAUSE_MODE && stateOf(to) === STATE_OPEN;
  storeF64(draft + RECORD_OPENED_OFFSET, loadF64(breaker + OPENED_OFFSET) + f64(opens));
  if (cause === CAUSE_DELAY_ENDED) clearLeases(breaker, policy);
  writeBackoff(draft, breaker, policy, word, to, cause, now, holdMs);
  const writer = writerOf(registry, index);
  commit(writer);
  complete(breaker, writer, draft);
}

/** Writes level, delay and deadline of the coming state to the draft. */
function writeBackoff(
  draft: usize,
  breaker: usize,
  policy: usize,
  word: u32,
  to: u32,
  cause: u32,
  now: f64,
  holdMs: f64,
): void {
  let level: u32 = 0;
  let delay: f64 = 0;
  let deadline = now;
  if (modeOf(to) === MODE_FORCED_OPEN) {
    delay = Infinity;
    deadline = Infinity;
  } else if (stateOf(to) === STATE_OPEN) {
    level = levelAt(breaker, policy, word, now);
    delay = Math.max(delayAt(policy, level, loadF32(breaker + DELAY_OFFSET)), holdMs);
    deadline = now + delay;
    level++;
  } else if (cause < <u32>CAUSE_MODE && !(stateOf(to) === STATE_CLOSED && isZero(policy + DECAY_MS_OFFSET))) {
    level = load32(breaker + LEVEL_OFFSET);
  }
  store32(draft + RECORD_LEVEL_OFFSET, level);
  storeF64(draft + RECORD_DELAY_OFFSET, delay);
  storeF64(draft + RECORD_DEADLINE_OFFSET, deadline);
}

/** The level at `now`: while closed it falls by one for each DECAY_MS. */
export function levelAt(breaker: usize, policy: usize, word: u32, now: f64): u32 {
  const level = load32(breaker + LEVEL_OFFSET);
  if (stateOf(word) !== STATE_CLOSED || isZero(policy + DECAY_MS_OFFSET)) return level;
  const healthy = stepsSince(breaker, loadF64(policy + DECAY_MS_OFFSET), now);
  return <u32>Math.max(<f64>level - healthy, 0);
}

/**
 * Writes the breaker from the record. The store of WORD makes it visible and ends the ownership.
 */
function complete(breaker: usize, writer: usize, record: usize): void {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const change = load32(record + RECORD_CHANGE_OFFSET);
  const window = load32(policy + COUNT_WINDOW_OFFSET);
  if (window !== 0) publish64(breaker + window + COUNT_HEAD_OFFSET, 0); // it holds few bits of its generation
  publishF64(breaker + DEADLINE_OFFSET, loadF64(record + RECORD_DEADLINE_OFFSET));
  publishF64(breaker + OPENED_OFFSET, loadF64(record + RECORD_OPENED_OFFSET));
  store32(breaker + LEVEL_OFFSET, load32(record + RECORD_LEVEL_OFFSET));
  if (stateOf(change) === STATE_OPEN) storeF32(breaker + DELAY_OFFSET, loadF64(record + RECORD_DELAY_OFFSET));
  const generation = load32(record + RECORD_GENERATION_OFFSET);
  endOwnership(breaker, writer, (generation << GENERATION_SHIFT) | (change & 15));
}

/**
 * Repairs after the thread of that stripe died: finishes its transition if the record was
 * committed, drops it otherwise. To be called by one thread, before the stripe gets another thread.
 */
export function recover(registry: usize, index: u32): void {
  if (!ASC_FEATURE_THREADS) return; // memory that is not shared ends with its thread
  const writer = writerOf(registry, index);
  const breaker: usize = peek32(writer + WRITER_BREAKER_OFFSET);
  if (breaker === 0) return;
  const word = peek32(breaker + WORD_OFFSET);
  if (ownerOf(word) === index + 1) {
    // The latest record of the stripe. One that was never written has the breaker 0.
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
