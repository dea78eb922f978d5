/** What of a breaker can stay when it gets another policy. */
import {
  BUCKET_COUNT_OFFSET,
  BUCKET_MS_OFFSET,
  COUNT_CALLS_OFFSET,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_THROTTLE,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  HUNG_BUCKETS_OFFSET,
  MAXIMUM_PENDING_OFFSET,
  OVERLOAD_OFFSET,
  POLICY_OFFSET,
  PROBES_OFFSET,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";
import { type BreakerAddress, type BreakerState, readState } from "./state.ts";

/** Cells that two policies with the same time window share. */
const TIME_WINDOW_CELLS = [BUCKET_MS_OFFSET, BUCKET_MS_OFFSET + 4, BUCKET_COUNT_OFFSET];

/**
 * Whether breakers of two policies differ in nothing that lies in memory: windows, leases, where they are; and whether
 * their tickets tell the same.
 */
export function isSameShape({ u32, f64 }: LinearMemory, one: number, other: number): boolean {
  const hangs = (policy: number) =>
    f64[(policy + HUNG_BUCKETS_OFFSET) >>> 3] !== 0 || u32[(policy + MAXIMUM_PENDING_OFFSET) >>> 2] !== 0;
  return (
    [PROBES_OFFSET, ...TIME_WINDOW_CELLS, COUNT_CALLS_OFFSET, OVERLOAD_OFFSET].every((offset) =>
      isEqual(u32, one, other, offset),
    ) &&
    hasSame(u32, one, other, DETECTOR_TIME_WINDOW) &&
    hasSame(u32, one, other, DETECTOR_COUNT_WINDOW) &&
    hasSame(u32, one, other, DETECTOR_THROTTLE) &&
    hangs(one) === hangs(other)
  );
}

/** What a breaker holds, without those of its windows that `policy` has not or has in another shape. */
export function keptState(place: BreakerAddress, policy: number): BreakerState {
  const { u32 } = place.memory;
  const own = u32[(place.breaker + POLICY_OFFSET) >>> 2]!;
  const content = readState(place);
  const keepsTime =
    hasSame(u32, own, policy, DETECTOR_TIME_WINDOW) &&
    TIME_WINDOW_CELLS.every((offset) => isEqual(u32, own, policy, offset));
  const keepsCount =
    hasSame(u32, own, policy, DETECTOR_COUNT_WINDOW) && isEqual(u32, own, policy, COUNT_CALLS_OFFSET);
  return {
    ...content,
    window: keepsTime ? content.window : undefined,
    throttle: keepsTime ? content.throttle : undefined,
    outcomes: keepsCount ? content.outcomes : new Uint8Array(0),
  };
}

function isEqual(u32: Uint32Array, one: number, other: number, offset: number): boolean {
  return u32[(one + offset) >>> 2] === u32[(other + offset) >>> 2];
}

function hasSame(u32: Uint32Array, one: number, other: number, detector: number): boolean {
  const difference = u32[(one + DETECTORS_OFFSET) >>> 2]! ^ u32[(other + DETECTORS_OFFSET) >>> 2]!;
  return (difference & detector) === 0;
}
