/** Admission and report of one breaker. */

import { HandBreakers } from "../byhand/breakers.ts";
import { ObjectBreaker } from "../byhand/object.ts";
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import type { Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";
import { type CallExports, instanceOf, rawBreakers, registryOf, sharedBreakers } from "./fixtures.ts";
import { timedLoop } from "./timed-loop.ts";

/** By hand, in one buffer. */
export function oneByHand(): Work {
  const breakers = new HandBreakers(DEFAULT_POLICY, 1);
  const clock = new Clock();
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      const ticket = breakers.tryAcquire(0, now);
      breakers.onSuccess(0, ticket, now, Number.NaN);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    return admitted;
  });
}

/** By hand, as an object. */
export function oneObject(): Work {
  const breaker = new ObjectBreaker(DEFAULT_POLICY);
  const clock = new Clock();
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      const ticket = breaker.tryAcquire(now);
      breaker.onSuccess(ticket, now, Number.NaN);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    return admitted;
  });
}

/** The exports of the module, called by themselves. */
export function oneRaw(): Work {
  const { core, addresses, stripeOffset } = rawBreakers(1);
  const breaker = addresses[0]!; // one was made
  return oneOf(core.exports, breaker, breaker + stripeOffset);
}

/** The exports of the build for threads, in a memory with stripes for `threads`; only this thread calls them. */
export function oneShared(threads: number): Work {
  const { core, addresses, stripeOffset } = sharedBreakers(1, threads);
  const breaker = addresses[0]!; // one was made
  return oneOf(core.exports, breaker, breaker + stripeOffset);
}

/**
 * A module whose `acquire` and `succeed` have the signatures of ours and return a constant:
 *
 *   (func (export "acquire") (param i32 i32 f64) (result i32) (i32.const 1))
 *   (func (export "succeed") (param i32 i32 i32 f64 f64 i32) (result i32) (i32.const 0))
 */
const NOTHING =
  "0061736d0100000001120260037f7f7c017f60067f7f7f7c7c7f017f030302000107150207616371756972650000077375636365656400010a0b02040041010b040041000b";

/** What no module can go below: going over and coming back, twice. */
export function oneOfNothing(): Work {
  return oneOf(instanceOf(NOTHING), 0, 0);
}

function oneOf({ acquire, succeed }: CallExports, breaker: number, stripe: number): Work {
  const clock = new Clock();
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      const ticket = acquire(breaker, stripe, now);
      succeed(breaker, stripe, ticket, now, Number.NaN, 1);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    return admitted;
  });
}

/** `tryAcquire` and `onSuccess`. */
export function oneOfTheLibrary(): Work {
  return timedLoop(registryOf(1).breakers[0]!); // one was made
}
