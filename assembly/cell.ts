/**
 * Memory access: the only file that loads and stores.
 *
 * Two kinds of cell. An *own* cell has one writer, the thread whose stripe or record it is in; others may
 * read it at any time and see the value before or after a store. A *shared* cell has several writers: in the
 * build for threads it is atomic (sequentially consistent), in the others it is a plain cell.
 */

// Own cells

export function load32(address: usize): u32 {
  return load<u32>(address);
}

export function store32(address: usize, value: u32): void {
  store<u32>(address, value);
}

export function loadF64(address: usize): f64 {
  return load<f64>(address);
}

export function storeF64(address: usize, value: f64): void {
  store<f64>(address, value);
}

/** Whether the f64 there is 0, of either sign. */
export function isZero(address: usize): bool {
  return load<u64>(address) << 1 === 0;
}

export function loadF32(address: usize): f64 {
  return load<f32>(address);
}

export function storeF32(address: usize, value: f64): void {
  store<f32>(address, <f32>value);
}

export function add32(address: usize, value: u32): void {
  store<u32>(address, load<u32>(address) + value);
}

/** A sum over stripes as u32; a larger one becomes the largest u32. */
export function storeCount(address: usize, value: f64): void {
  store<u32>(address, <u32>value);
}

/**
 * Two neighbours at once, low half first in memory: another thread that sees one new half sees the other.
 * (An aligned u64 is stored in one piece on every 64-bit machine.)
 */
export function store64(address: usize, value: u64): void {
  store<u64>(address, value);
}

export function load64(address: usize): u64 {
  return load<u64>(address);
}

export function clear(address: usize, size: u32): void {
  memory.fill(address, 0, size);
}

// Bytes of a batch, which the caller filled

export function load8(address: usize): u32 {
  return load<u8>(address);
}

export function store8(address: usize, value: u32): void {
  store<u8>(address, value);
}

// Shared cells

export function peek32(address: usize): u32 {
  return ASC_FEATURE_THREADS ? atomic.load<u32>(address) : load<u32>(address);
}

export function publish32(address: usize, value: u32): void {
  if (ASC_FEATURE_THREADS) atomic.store<u32>(address, value);
  else store<u32>(address, value);
}

/** Puts `next` where `current` stands; false if another value stands there (only with threads). */
export function swap32(address: usize, current: u32, next: u32): bool {
  if (ASC_FEATURE_THREADS) return atomic.cmpxchg<u32>(address, current, next) === current;
  store<u32>(address, next);
  return true;
}

export function peek64(address: usize): u64 {
  return ASC_FEATURE_THREADS ? atomic.load<u64>(address) : load<u64>(address);
}

export function publish64(address: usize, value: u64): void {
  if (ASC_FEATURE_THREADS) atomic.store<u64>(address, value);
  else store<u64>(address, value);
}

export function swap64(address: usize, current: u64, next: u64): bool {
  if (ASC_FEATURE_THREADS) return atomic.cmpxchg<u64>(address, current, next) === current;
  store<u64>(address, next);
  return true;
}

/** Adds and returns the sum. */
export function sum64(address: usize, value: u64): u64 {
  if (ASC_FEATURE_THREADS) return atomic.add<u64>(address, value) + value;
  const sum = load<u64>(address) + value;
  store<u64>(address, sum);
  return sum;
}

/** There is no atomic float: times travel as the integer that has the same bits. */
export function peekF64(address: usize): f64 {
  return reinterpret<f64>(peek64(address));
}

export function publishF64(address: usize, value: f64): void {
  if (ASC_FEATURE_THREADS) atomic.store<u64>(address, reinterpret<u64>(value));
  else store<f64>(address, value);
}

/**
 * Puts the threads that meet at one cell in an order: of two, the later one sees every store that the other
 * made before it came. (`atomic.fence` would do, but asc 0.28 emits one that does not validate.)
 */
export function meet(address: usize): void {
  if (ASC_FEATURE_THREADS) atomic.add<u64>(address, 0);
}
