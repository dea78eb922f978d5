/** Admission and report of one breaker, by its detectors and its mode. */

import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import type { Work } from "../section.ts";
import { Clock } from "../work.ts";
import { OPTIONS, warm } from "./options.ts";
import { timedLoop } from "./timed-loop.ts";

const { detector: TIME } = OPTIONS;
const COUNT = { kind: "success_rate_over_count_window", calls: 100, minimumCalls: 20 } as const;
const STREAK = { kind: "consecutive_failures", failures: 5 } as const;

/** By name; the first is what the others are compared with. */
export const DETECTORS: Readonly<Record<string, CircuitBreakerOptions>> = {
  "a time window": { detector: TIME },
  "a streak": { detector: STREAK },
  "a count window": { detector: COUNT },
  "a time window and a streak": { detector: [TIME, STREAK] },
  "a time window and a count window": { detector: [TIME, COUNT] },
  "a time window in shadow mode": { detector: TIME, mode: "shadow" },
};

/** `tryAcquire` and `onSuccess` of a breaker with those options. */
export function oneWith(options: CircuitBreakerOptions): Work {
  const registry = new CircuitBreakerRegistry({ defaults: options, clock: () => 0 });
  const breaker = registry.get("endpoint");
  const clock = new Clock();
  warm(breaker, clock);
  return timedLoop(breaker, clock);
}
