/** Shapes: what breakers of one size and division have in common, above all the pile of those that were freed. */
import {
  BREAKER_REMAINDER,
  CACHE_LINE_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_SHAPES_OFFSET,
  SHAPE_BREAKER_SIZE_OFFSET,
  SHAPE_COUNT_WINDOW_OFFSET,
  SHAPE_LEASES_OFFSET,
  SHAPE_PREVIOUS_OFFSET,
  SHAPE_SIZE,
  SHAPE_STRIPE_SIZE_OFFSET,
} from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import type { LinearMemory } from "./memory.ts";
import type { BreakerShape } from "./policy.ts";

const LATEST_INDEX = (REGISTRY_ADDRESS + REGISTRY_SHAPES_OFFSET) >>> 2;

/** Address of that shape: of the one that some thread has placed, or of a new one. */
export function placeShape(memory: LinearMemory, allocator: Allocator, shape: BreakerShape): number {
  for (
    let at = Atomics.load(memory.u32, LATEST_INDEX);
    at !== 0;
    at = word(memory, at, SHAPE_PREVIOUS_OFFSET)
  ) {
    if (isThat(memory, at, shape)) return at;
  }
  const address = allocator.allocate(SHAPE_SIZE, CACHE_LINE_SIZE);
  const { u32 } = memory;
  u32[(address + SHAPE_BREAKER_SIZE_OFFSET) >>> 2] = shape.size;
  u32[(address + SHAPE_STRIPE_SIZE_OFFSET) >>> 2] = shape.stripeSize;
  u32[(address + SHAPE_LEASES_OFFSET) >>> 2] = shape.leasesOffset;
  u32[(address + SHAPE_COUNT_WINDOW_OFFSET) >>> 2] = shape.countWindowOffset;
  // Another thread may place the same shape at the same time: two piles then, and nothing is lost.
  let latest: number;
  do {
    latest = Atomics.load(u32, LATEST_INDEX);
    u32[(address + SHAPE_PREVIOUS_OFFSET) >>> 2] = latest;
  } while (Atomics.compareExchange(u32, LATEST_INDEX, latest, address) !== latest);
  return address;
}

function isThat(memory: LinearMemory, at: number, shape: BreakerShape): boolean {
  return (
    word(memory, at, SHAPE_BREAKER_SIZE_OFFSET) === shape.size &&
    word(memory, at, SHAPE_STRIPE_SIZE_OFFSET) === shape.stripeSize &&
    word(memory, at, SHAPE_LEASES_OFFSET) === shape.leasesOffset &&
    word(memory, at, SHAPE_COUNT_WINDOW_OFFSET) === shape.countWindowOffset
  );
}

/** A block for a breaker of that shape that was never used. */
export function allocateBreaker(memory: LinearMemory, allocator: Allocator, shape: number): number {
  const size = word(memory, shape, SHAPE_BREAKER_SIZE_OFFSET);
  return allocator.allocate(size, CACHE_LINE_SIZE, BREAKER_REMAINDER);
}

function word(memory: LinearMemory, shape: number, offset: number): number {
  if (shape >= memory.size) memory.refresh();
  return memory.u32[(shape + offset) >>> 2]!;
}
