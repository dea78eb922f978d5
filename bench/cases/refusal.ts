/** Asking alone, of a breaker that admits and of one that refuses. */

import { HandBreakers } from "../byhand/breakers.ts";
import type { Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";
import { CircuitBreakerRegistry, handAt, rawAt, rawBreakers } from "./fixtures.ts";
import { LASTING_OPTIONS, LASTING_POLICY, trip, warm } from "./options.ts";

/** What the breaker does with a call. */
export type Answer = "admitted" | "refused";

/** Asks as often as a run asks. Counts what it expects, whichever it is: both answers have the same to do. */
function asking(answer: Answer, clock: Clock, ask: (now: number) => number): Work {
  const admitted = answer === "admitted";
  return counted(LOOP, LOOP, () => {
    let count = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      if ((ask(now) !== 0) === admitted) count++;
    }
    clock.nowMs = now;
    return count;
  });
}

function bring(answer: Answer): typeof warm {
  return answer === "admitted" ? warm : trip;
}

/** By hand, in one buffer. */
export function askByHand(answer: Answer): Work {
  const breakers = new HandBreakers(LASTING_POLICY, 1);
  const clock = new Clock();
  bring(answer)(handAt(breakers, 0), clock);
  return asking(answer, clock, (now) => breakers.tryAcquire(0, now));
}

/** The export `acquire` of the module. */
export function askRaw(answer: Answer): Work {
  const { core, addresses, stripeOffset } = rawBreakers(1, LASTING_OPTIONS);
  const { acquire } = core.exports;
  const breaker = addresses[0]!; // one was made
  const stripe = breaker + stripeOffset;
  const clock = new Clock();
  bring(answer)(rawAt(core, breaker, stripe), clock);
  return asking(answer, clock, (now) => acquire(breaker, stripe, now));
}

/** `tryAcquire`. */
export function askLibrary(answer: Answer): Work {
  const breaker = new CircuitBreakerRegistry().get("endpoint", LASTING_OPTIONS);
  const clock = new Clock();
  bring(answer)(breaker, clock);
  return asking(answer, clock, (now) => breaker.tryAcquire(now));
}
