/**
 * Ownership: which thread may change WORD, DEADLINE, LEVEL, DELAY and POLICY of a breaker.
 *
 * A thread owns a breaker by swapping its number into the owner bits of WORD. No other thread
 * changes these cells meanwhile; calls go on by the state that WORD still shows. `recover` repairs
 * what an owner that died left behind. Without threads every call owns the breaker.
 */
import { load32, peek32, publish32, swap32 } from "./cell";
import { writerOf } from "./journal";
import {
  OWNER_SHIFT,
  POLICY_OFFSET,
  REGISTRY_FREED_OFFSET,
  REGISTRY_OFFSET,
  WORD_OFFSET,
  WRITER_BREAKER_OFFSET,
} from "./layout";
import { indexOf } from "./stripe";
import { isOwned } from "./word";

/**
 * Makes the thread of that stripe the owner. False if the breaker has another word than `word`, or
 * is owned.
 */
export function own(breaker: usize, stripe: usize, word: u32): bool {
  if (!ASC_FEATURE_THREADS) return true;
  if (isOwned(word)) return false;
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const index = indexOf(breaker, policy, stripe);
  const writer = writerOf(load32(policy + REGISTRY_OFFSET), index);
  publish32(writer + WRITER_BREAKER_OFFSET, <u32>breaker); // before the swap, so that `recover` finds it
  if (swap32(breaker + WORD_OFFSET, word, word | ((index + 1) << OWNER_SHIFT))) return true;
  publish32(writer + WRITER_BREAKER_OFFSET, 0);
  return false;
}

/** Ends the ownership of a breaker whose word stays `word`. */
export function disown(breaker: usize, stripe: usize, word: u32): void {
  if (!ASC_FEATURE_THREADS) return;
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const index = indexOf(breaker, policy, stripe);
  endOwnership(breaker, writerOf(load32(policy + REGISTRY_OFFSET), index), word);
}

/**
 * Ends the ownership by the thread of that writer; the breaker has the word `word` from here on.
 */
export function endOwnership(breaker: usize, writer: usize, word: u32): void {
  publish32(breaker + WORD_OFFSET, word);
  if (ASC_FEATURE_THREADS) publish32(writer + WRITER_BREAKER_OFFSET, 0);
}

/**
 * Whether no breaker of the registry was freed or configured since the caller read `seen` from its
 * FREED cell: if not, the address may be another breaker's by now. To be asked after the word was
 * read. Always true without threads.
 */
export function isSeen(breaker: usize, seen: u32): bool {
  if (!ASC_FEATURE_THREADS) return true;
  const registry: usize = load32(load32(breaker + POLICY_OFFSET) + REGISTRY_OFFSET);
  return peek32(registry + REGISTRY_FREED_OFFSET) === seen;
}

/** `own`, if `isSeen` holds once the breaker is owned. */
export function ownSeen(breaker: usize, stripe: usize, word: u32, seen: u32): bool {
  if (!own(breaker, stripe, word)) return false;
  if (isSeen(breaker, seen)) return true;
  disown(breaker, stripe, word);
  return false;
}
