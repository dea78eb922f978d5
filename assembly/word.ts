/** The parts of a breaker's word, and tests whether the word is unchanged. */
import { peek32 } from "./cell";
import {
  GENERATION_MASK,
  GENERATION_SHIFT,
  MODE_MASK,
  MODE_SHIFT,
  OWNER_MASK,
  OWNER_SHIFT,
  STATE_MASK,
  TICKET_GENERATION_SHIFT,
  WORD_OFFSET,
} from "./layout";

export function stateOf(word: u32): u32 {
  return word & STATE_MASK;
}

/** Closed or returning: calls count, and detectors judge them. */
export function isCounting(word: u32): bool {
  return ((word + 1) & 2) === 0; // states 0 and 3 of 0..3
}

export function modeOf(word: u32): u32 {
  return (word >> MODE_SHIFT) & MODE_MASK;
}

export function ownerOf(word: u32): u32 {
  return (word >> OWNER_SHIFT) & OWNER_MASK;
}

/** Whether a transition is under way. */
export function isOwned(word: u32): bool {
  return (word & (OWNER_MASK << OWNER_SHIFT)) !== 0;
}

export function generationOf(word: u32): u32 {
  return word >> GENERATION_SHIFT;
}

/** The next generation. Never 0, so that no ticket is 0. */
export function generationAfter(word: u32): u32 {
  const next = (generationOf(word) + 1) & GENERATION_MASK;
  return next === 0 ? 1 : next;
}

/** Ticket of a call admitted while closed, without a pending bucket. */
export function plainTicket(word: u32): u32 {
  return generationOf(word) << TICKET_GENERATION_SHIFT;
}

/** Whether the ticket was issued in another generation. */
export function isStale(word: u32, ticket: u32): bool {
  return generationOf(word) !== ticket >> TICKET_GENERATION_SHIFT;
}

/** Whether two tickets are of two generations. */
export function isOtherGeneration(one: u32, other: u32): bool {
  return (one ^ other) >> TICKET_GENERATION_SHIFT !== 0;
}

/** Enabled or in shadow mode: the state machine runs. */
export function isJudging(word: u32): bool {
  return ((word + (1 << MODE_SHIFT)) & (2 << MODE_SHIFT)) === 0; // modes 0 and 3 of 0..3
}

/**
 * Whether the breaker still has that word; always true without threads.
 *
 * A cell that carries a generation is changed in three steps: read the cell, read the word, swap
 * the cell. So a thread that was paused never replaces what a later generation wrote: if the word
 * is unchanged, the cell it read was of its own generation.
 */
export function isUnchanged(breaker: usize, word: u32): bool {
  return !ASC_FEATURE_THREADS || peek32(breaker + WORD_OFFSET) === word;
}

/**
 * As `isUnchanged`, for cells that count reports: whether the breaker is in that generation, owned
 * or not.
 */
export function isCurrent(breaker: usize, generation: u32): bool {
  return !ASC_FEATURE_THREADS || generationOf(peek32(breaker + WORD_OFFSET)) === generation;
}
