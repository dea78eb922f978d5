/** The parts of a breaker's word. */
import {
  GENERATION_MASK,
  GENERATION_SHIFT,
  MODE_DISABLED,
  MODE_FORCED_OPEN,
  MODE_MASK,
  MODE_SHIFT,
  OWNER_MASK,
  OWNER_SHIFT,
  STATE_MASK,
  TICKET_GENERATION_SHIFT,
} from "./layout";

export function stateOf(word: u32): u32 {
  return word & STATE_MASK;
}

export function modeOf(word: u32): u32 {
  return (word >> MODE_SHIFT) & MODE_MASK;
}

export function ownerOf(word: u32): u32 {
  return (word >> OWNER_SHIFT) & OWNER_MASK;
}

export function generationOf(word: u32): u32 {
  return word >> GENERATION_SHIFT;
}

/** Never 0, so that no ticket is 0. */
export function generationAfter(word: u32): u32 {
  const next = (generationOf(word) + 1) & GENERATION_MASK;
  return next === 0 ? 1 : next;
}

/** Ticket of a call admitted while closed. */
export function plainTicket(word: u32): u32 {
  return generationOf(word) << TICKET_GENERATION_SHIFT;
}

/** Whether the ticket was issued in another generation. */
export function isStale(word: u32, ticket: u32): bool {
  return generationOf(word) !== ticket >> TICKET_GENERATION_SHIFT;
}

/** Enabled or in shadow mode: the state machine runs. */
export function isJudging(word: u32): bool {
  return modeOf(word) !== MODE_DISABLED && modeOf(word) !== MODE_FORCED_OPEN;
}
