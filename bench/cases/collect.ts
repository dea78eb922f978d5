/** Reading all breakers of a registry at once. */
import { CircuitBreakerRegistry, collect } from "../../src/entry/main.ts";
import type { Scale } from "../section.ts";
import { countOf } from "./many.ts";
import { OPTIONS } from "./options.ts";

const MOST_CALLS = 7;
const ROUNDS = 21;

/** ms for one `collect` of 100,000 breakers that all have had calls, in their windows or `laterMs` after them: the median. */
export function collecting(scale: Scale, laterMs: number): number {
  let now = 1_000_000;
  const registry = new CircuitBreakerRegistry({ defaults: OPTIONS, clock: () => now });
  const count = countOf(scale);
  for (let number = 0; number < count; number++) {
    const breaker = registry.get(`endpoint ${number}`);
    for (let call = number % MOST_CALLS; call >= 0; call--) breaker.onSuccess(breaker.tryAcquire(now), now);
  }
  now += laterMs;
  const times = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    const { breakers, rest } = collect(registry);
    const ms = performance.now() - startMs;
    if (breakers.length + rest.breakers !== count) throw new Error(`${rest.breakers} breakers are left`);
    return ms;
  });
  return times.sort((one, other) => one - other)[(ROUNDS - 1) / 2]!;
}
