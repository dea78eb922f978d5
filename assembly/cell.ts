/**
 * Memory access: the only file that loads and stores.
 *
 * There are two kinds of cell. An *own* cell has one writer, the thread of its stripe or record;
 * another thread reads the value before or after a store. A *shared* cell has several writers: it
 * is atomic (sequentially consistent) in the build for threads, and plain in the others.
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
  store<u32>(address, <u32>Math.min(value, 4294967295));
}

/**
 * Stores two neighbouring u32 at once, the low half first in memory. A thread that reads one new
 * half reads the other. (64-bit machines store an aligned u64 in one piece.)
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

// Bytes of a batch

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

/**
 * Replaces `current` by `next`. False if the cell holds another value, which only happens with
 * threads.
 */
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

/** Adds, modulo 2^32, and returns the sum. */
export function sum32(address: usize, value: u32): u32 {
  if (ASC_FEATURE_THREADS) return atomic.add<u32>(address, value) + value;
  const sum = load<u32>(address) + value;
  store<u32>(address, sum);
  return sum;
}

/** Adds and returns the sum. */
export function sum64(address: usize, value: u64): u64 {
  if (ASC_FEATURE_THREADS) return atomic.add<u64>(address, value) + value;
  const sum = load<u64>(address) + value;
  store<u64>(address, sum);
  return sum;
}

/**
 * A time that several threads write. There is no atomic float, so its bits are read as an integer.
 */
export function peekF64(address: usize): f64 {
  return reinterpret<f64>(peek64(address));
}

export function publishF64(address: usize, value: f64): void {
  if (ASC_FEATURE_THREADS) atomic.store<u64>(address, reinterpret<u64>(value));
  else store<f64>(address, value);
}

/**
 * Full memory fence for all threads that call it with the same cell: of two calls, the later one
 * sees every store made before the earlier one. (`atomic.fence` of asc 0.28 does not validate.)
 */
export function fence(address: usize): void {
  if (ASC_FEATURE_THREADS) atomic.add<u64>(address, 0);
}
