/** All breakers of a registry at one moment. */
import { checkTime } from "../breaker/clock.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { type Block, type Snapshot, snapshotOf } from "../breaker/snapshot.ts";

/**
 * Snapshots of all breakers at one time, in the order of the iteration, without an object for each breaker: one by one, as
 * they are asked for.
 * @throws RangeError when `nowMs` is no time, at the first step.
 */
export function* snapshots(registry: CircuitBreakerRegistry, nowMs?: number): IterableIterator<Snapshot> {
  const now = nowMs === undefined ? registry.now() : checkTime(nowMs);
  const { names } = registry._core;
  for (const [name, block] of registry._blocks()) {
    for (let at: Block | undefined = block; at; at = registry.peek(name)?._block()) {
      const snapshot = snapshotOf(registry._engine, name, at, now);
      // Another thread may have moved or freed it meanwhile: what was read may be another breaker.
      if (names.nameOf(at.address) !== name) continue;
      yield snapshot;
      break;
    }
  }
}
