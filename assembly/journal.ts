/**
 * The journal: a ring of records for each stripe, which makes a transition happen exactly once.
 *
 * It is a write-ahead log: the owner of a breaker fills the next record of its own ring, raises the
 * head, and then changes the breaker from the record. The raised head is the transition: after the
 * death of an owner `recover` finishes a transition whose head was raised, and drops any other.
 * Only the thread of a stripe writes its ring; a reader computes from the head which records were
 * overwritten.
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

/** The record that this stripe writes next. No other thread reads it before the head is raised. */
export function draftOf(registry: usize, index: u32): usize {
  return recordAt(registry, index, peek32(writerOf(registry, index) + WRITER_HEAD_OFFSET));
}

/** Raises the head: the draft is a record, and the transition has happened. */
export function commit(writer: usize): void {
  publish32(writer + WRITER_HEAD_OFFSET, peek32(writer + WRITER_HEAD_OFFSET) + 1);
}

/** Writes the counts of the window that gave the verdict to the draft. */
export function writeCounts(draft: usize, calls: f64, failures: f64, slow: f64): void {
  storeCount(draft + RECORD_CALLS_OFFSET, calls);
  storeCount(draft + RECORD_FAILURES_OFFSET, failures);
  storeCount(draft + RECORD_SLOW_OFFSET, slow);
}
