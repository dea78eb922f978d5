/** How long one collection of a large registry blocks the event loop. */
import { metricsText } from "../../src/metrics/prometheus.ts";
import type { Scale } from "../section.ts";
import { Clock } from "../work.ts";
import { registryOf } from "./fixtures.ts";
import { countOf } from "./many.ts";
import { warm } from "./options.ts";

const ROUNDS = 50;
/** One of so many breakers is open. */
const OPEN_SHARE = 100;

/** A registry whose breakers all had calls; one in a hundred is open. */
function busyRegistry(scale: Scale) {
  const { registry, breakers } = registryOf(countOf(scale));
  const clock = new Clock();
  clock.nowMs = registry.now();
  for (const [number, breaker] of breakers.entries()) {
    warm(breaker, clock);
    if (number % OPEN_SHARE === 0) breaker.trip(clock.nowMs, 86_400_000);
  }
  return { registry, breakers, clock };
}

/** ms of each of `ROUNDS` texts after the first, sorted; a breaker opens and one has calls before each. */
function timesOf(scale: Scale): number[] {
  const { registry, breakers, clock } = busyRegistry(scale);
  metricsText(registry);
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    breakers[round]!.trip(clock.nowMs, 86_400_000); // there are more breakers than rounds
    warm(breakers[2 * ROUNDS + round]!, clock);
    const startMs = performance.now();
    metricsText(registry);
    times.push(performance.now() - startMs);
  }
  return times.sort((one, other) => one - other);
}

/** ms of `metricsText`: the median. */
export function textMedian(scale: Scale): number {
  return timesOf(scale)[ROUNDS / 2]!;
}

/** ms of `metricsText`: the slowest. */
export function textSlowest(scale: Scale): number {
  return timesOf(scale).at(-1)!;
}

/** ms of the first `metricsText`, which begins to listen. */
export function textFirst(scale: Scale): number {
  const { registry } = busyRegistry(scale);
  const startMs = performance.now();
  metricsText(registry);
  return performance.now() - startMs;
}
