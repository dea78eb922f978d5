/** The states of a breaker by hand and their transitions: everything outside the fast path of a success. */
import {
  CALLS,
  DEADLINE,
  FAILURES,
  GENERATION,
  type HandBuffer,
  LATE,
  LATEST,
  LEASE_END,
  LEVEL,
  PROBE_SUCCESSES,
  REFUSED,
  SLOW,
  STATE,
  TICKET,
} from "./fields.ts";
import {
  CLOSED,
  delayAt,
  GENERATION_SHIFT,
  generationAfter,
  HALF_OPEN,
  type HandSnapshot,
  isFailing,
  levelAfter,
  OPEN,
  PROBE_SLOT,
  SLOT_MASK,
  STATES,
} from "./policy.ts";
import { advance, count, empty, slide } from "./window.ts";

/** Gives a ticket back without a result. */
export function release(buffer: HandBuffer, at: number, ticket: number, nowMs: number): void {
  const now = advance(buffer, at, nowMs);
  const isProbe = buffer.numbers[at + STATE] === HALF_OPEN && !isStale(buffer, at, ticket);
  if (!isProbe) look(buffer, at, now);
  else if (!endLease(buffer, at, now) && (ticket & SLOT_MASK) === PROBE_SLOT) {
    buffer.times[(at >> 1) + LEASE_END] = 0;
  }
}

/** Applies what the time alone has changed. */
export function check(buffer: HandBuffer, at: number, nowMs: number): void {
  const now = advance(buffer, at, nowMs);
  const isOpen = buffer.numbers[at + STATE] === OPEN;
  if (!isOpen) look(buffer, at, now);
  else if (now >= buffer.times[(at >> 1) + DEADLINE]!) enter(buffer, at, HALF_OPEN);
}

/** As of the latest time seen. */
export function snapshot(buffer: HandBuffer, at: number): HandSnapshot {
  const { numbers, times } = buffer;
  const latest = times[(at >> 1) + LATEST]!;
  const state = STATES[numbers[at + STATE]!]!; // one of three, see `enter`
  const isClosed = state === "closed";
  return {
    state,
    calls: isClosed ? numbers[at + CALLS]! : 0,
    failures: isClosed ? numbers[at + FAILURES]! : 0,
    slow: isClosed ? numbers[at + SLOW]! : 0,
    level: levelAt(buffer, at, latest),
    generation: numbers[at + GENERATION]!,
    late: numbers[at + LATE]!,
    refused: numbers[at + REFUSED]!,
    retryAfterMs: state === "open" ? Math.max(times[(at >> 1) + DEADLINE]! - latest, 0) : 0,
  };
}

function isStale(buffer: HandBuffer, at: number, ticket: number): boolean {
  return ticket >> GENERATION_SHIFT !== buffer.numbers[at + GENERATION];
}

/** A ticket, or 0: the slow path of `tryAcquire`. */
export function acquireByState(buffer: HandBuffer, at: number, now: number): number {
  const { numbers, times } = buffer;
  if (numbers[at + STATE] === CLOSED) {
    return slide(buffer, at, now) && judge(buffer, at, now) ? refuse(buffer, at) : numbers[at + TICKET]!;
  }
  if (numbers[at + STATE] === OPEN) {
    if (now < times[(at >> 1) + DEADLINE]!) return refuse(buffer, at);
    enter(buffer, at, HALF_OPEN);
  }
  if (endLease(buffer, at, now) || times[(at >> 1) + LEASE_END] !== 0) return refuse(buffer, at);
  times[(at >> 1) + LEASE_END] = now + buffer.policy.probeTimeoutMs;
  return (numbers[at + GENERATION]! << GENERATION_SHIFT) | PROBE_SLOT;
}

function refuse(buffer: HandBuffer, at: number): number {
  buffer.numbers[at + REFUSED]!++;
  return 0;
}

/** Counts a result, or the report of a probe. */
export function report(
  buffer: HandBuffer,
  at: number,
  ticket: number,
  failed: boolean,
  nowMs: number,
  duration: number,
): void {
  const { numbers } = buffer;
  const now = advance(buffer, at, nowMs);
  if (isStale(buffer, at, ticket)) {
    numbers[at + LATE]!++;
    look(buffer, at, now);
  } else if (numbers[at + STATE] === HALF_OPEN) {
    reportProbe(buffer, at, ticket, failed, now);
  } else if (numbers[at + STATE] === CLOSED) {
    slide(buffer, at, now);
    count(buffer, at, failed, duration > buffer.policy.slowCallMs);
    judge(buffer, at, now);
  } else {
    numbers[at + LATE]!++;
  }
}

function reportProbe(buffer: HandBuffer, at: number, ticket: number, failed: boolean, now: number): void {
  const { numbers, times } = buffer;
  const isOut = (ticket & SLOT_MASK) === PROBE_SLOT && times[(at >> 1) + LEASE_END] !== 0;
  if (endLease(buffer, at, now) || !isOut) {
    numbers[at + LATE]!++;
    return;
  }
  times[(at >> 1) + LEASE_END] = 0;
  if (failed) open(buffer, at, numbers[at + LEVEL]!, now);
  else if (++numbers[at + PROBE_SUCCESSES]! >= buffer.policy.successesToClose) close(buffer, at, now);
}

function look(buffer: HandBuffer, at: number, now: number): void {
  const state = buffer.numbers[at + STATE];
  if (state === CLOSED && slide(buffer, at, now)) judge(buffer, at, now);
  if (state === HALF_OPEN) endLease(buffer, at, now);
}

/** Opens when the lease of the probe has ended. */
function endLease(buffer: HandBuffer, at: number, now: number): boolean {
  const end = buffer.times[(at >> 1) + LEASE_END]!;
  const hasEnded = end !== 0 && now >= end;
  if (hasEnded) open(buffer, at, buffer.numbers[at + LEVEL]!, now);
  return hasEnded;
}

function judge(buffer: HandBuffer, at: number, now: number): boolean {
  const { numbers } = buffer;
  const fails = isFailing(buffer.policy, numbers[at + CALLS]!, numbers[at + FAILURES]!, numbers[at + SLOW]!);
  if (fails) open(buffer, at, levelAt(buffer, at, now), now);
  return fails;
}

function levelAt(buffer: HandBuffer, at: number, now: number): number {
  const level = buffer.numbers[at + LEVEL]!;
  if (buffer.numbers[at + STATE] !== CLOSED) return level;
  return levelAfter(buffer.policy, level, now - buffer.times[(at >> 1) + DEADLINE]!);
}

function open(buffer: HandBuffer, at: number, level: number, now: number): void {
  buffer.numbers[at + LEVEL] = level + 1;
  buffer.times[(at >> 1) + DEADLINE] = now + delayAt(buffer.policy, level);
  enter(buffer, at, OPEN);
}

function close(buffer: HandBuffer, at: number, now: number): void {
  if (buffer.policy.decayMs === 0) buffer.numbers[at + LEVEL] = 0;
  buffer.times[(at >> 1) + DEADLINE] = now;
  enter(buffer, at, CLOSED);
  empty(buffer, at, now);
}

/** Begins a generation in that state. */
export function enter(buffer: HandBuffer, at: number, state: number): void {
  const { numbers } = buffer;
  const generation = generationAfter(numbers[at + GENERATION]!);
  numbers[at + GENERATION] = generation;
  numbers[at + STATE] = state;
  numbers[at + TICKET] = state === CLOSED ? generation << GENERATION_SHIFT : 0;
  numbers[at + PROBE_SUCCESSES] = 0;
  buffer.times[(at >> 1) + LEASE_END] = 0;
}
