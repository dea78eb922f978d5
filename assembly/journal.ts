/**
 * The journal: a ring of records for each stripe, and what makes a transition happen exactly once.
 *
 * It is written ahead: the owner of a breaker fills the next record of its own ring, raises the head, and
 * only then changes the breaker, from the record. So a raised head is the transition, and whoever cleans up
 * after a dead owner finishes it (head raised) or drops it (head not raised), and nobody writes it twice.
 * Only the thread of a stripe writes its ring; readers learn from the head what was overwritten.
 */
import { load32, peek32, publish32, storeCount } from "./cell";
import {
  RECORD_CALLS_OFFSET,
  RECORD_FAILURES_OFFSET,
  RECORD_SIZE,
  RECORD_SLOW_OFFSET,
  REGISTRY_JOURNAL_CAPACITY_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  WRITER_HEAD_OFFSET,
  WRITER_SIZE,
} from "./layout";

export function writerOf(registry: usize, index: u32): usize {
  return registry + REGISTRY_WRITERS_OFFSET + index * WRITER_SIZE;
}

/** Record number `number` of a stripe, modulo 2^32. */
export function recordAt(registry: usize, index: u32, number: u32): usize {
  const capacity = load32(registry + REGISTRY_JOURNAL_CAPACITY_OFFSET);
  const place = index * capacity + (number & (capacity - 1));
  return load32(registry + REGISTRY_JOURNAL_OFFSET) + place * RECORD_SIZE;
}

/** The record that this stripe writes next: its own until the head is raised. */
export function draftOf(registry: usize, index: u32): usize {
  return recordAt(registry, index, peek32(writerOf(registry, index) + WRITER_HEAD_OFFSET));
}

/** Makes the draft a record: from here on the transition has happened. */
export function commit(writer: usize): void {
  publish32(writer + WRITER_HEAD_OFFSET, peek32(writer + WRITER_HEAD_OFFSET) + 1);
}

/** Notes in the draft what the window held that gave a verdict. */
export function note(draft: usize, calls: f64, failures: f64, slow: f64): void {
  storeCount(draft + RECORD_CALLS_OFFSET, calls);
  storeCount(draft + RECORD_FAILURES_OFFSET, failures);
  storeCount(draft + RECORD_SLOW_OFFSET, slow);
}
