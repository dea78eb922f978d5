/** Admission and report of many breakers, in an order that no cache foresees. */

import { ObjectBreaker } from "../byhand/object.ts";
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import { Random } from "../random.ts";
import type { Scale, Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";
import { handAt, handBreakers, rawAt, rawBreakers, registryOf } from "./fixtures.ts";
import { type TicketBreaker, warm } from "./options.ts";

const MANY = 100_000;
const FEW = 1_000;
/** Eight runs before the order repeats; a power of two. */
const ORDER_LENGTH = 8 * LOOP;
const ORDER_MASK = ORDER_LENGTH - 1;
const ORDER_SEED = 7;

/** How many breakers. */
export function countOf({ short }: Scale): number {
  return short ? FEW : MANY;
}

/** Which breaker each call is for. */
export function randomOrder(count: number): Uint32Array {
  const random = new Random(ORDER_SEED);
  return Uint32Array.from({ length: ORDER_LENGTH }, () => random.below(count));
}

/** Where in an order the next run begins. */
class Place {
  next = 0;
}

/** By hand, in one buffer. */
export function manyByHand(scale: Scale): Work {
  const { breakers, places } = handBreakers(countOf(scale));
  const order = randomOrder(places.length).map((number) => places[number]!); // numbers are below the length
  const clock = new Clock();
  for (const at of places) warm(handAt(breakers, at), clock);
  const place = new Place();
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    const start = place.next;
    for (let i = start; i < start + LOOP; i++) {
      now += STEP_MS;
      const at = order[i]!; // runs end where the order does
      const ticket = breakers.tryAcquire(at, now);
      breakers.onSuccess(at, ticket, now, Number.NaN);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    place.next = (start + LOOP) & ORDER_MASK;
    return admitted;
  });
}

/** One object for each, made in one go and visited at random. `Breaker` decides between ours and by hand. */
function manyObjects<Breaker extends TicketBreaker>(breakers: readonly Breaker[]): Work {
  const order = randomOrder(breakers.length);
  const clock = new Clock();
  for (const breaker of breakers) warm(breaker, clock);
  const place = new Place();
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    const start = place.next;
    for (let i = start; i < start + LOOP; i++) {
      now += STEP_MS;
      const breaker = breakers[order[i]!]!; // numbers are below the length
      const ticket = breaker.tryAcquire(now);
      breaker.onSuccess(ticket, now, Number.NaN);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    place.next = (start + LOOP) & ORDER_MASK;
    return admitted;
  });
}

/** By hand, an object for each. */
export function manyByObject(scale: Scale): Work {
  return manyObjects(Array.from({ length: countOf(scale) }, () => new ObjectBreaker(DEFAULT_POLICY)));
}

/** `CircuitBreaker` objects of one registry. */
export function manyOfTheLibrary(scale: Scale): Work {
  return manyObjects(registryOf(countOf(scale)).breakers);
}

/** The exports of the module. */
export function manyRaw(scale: Scale): Work {
  const { core, addresses, stripeOffset } = rawBreakers(countOf(scale));
  const order = randomOrder(addresses.length).map((number) => addresses[number]!); // numbers are below the length
  const { acquire, succeed } = core.exports;
  const clock = new Clock();
  for (const breaker of addresses) warm(rawAt(core, breaker, breaker + stripeOffset), clock);
  const place = new Place();
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    const start = place.next;
    for (let i = start; i < start + LOOP; i++) {
      now += STEP_MS;
      const breaker = order[i]!; // runs end where the order does
      const ticket = acquire(breaker, breaker + stripeOffset, now);
      succeed(breaker, breaker + stripeOffset, ticket, now, Number.NaN, 1);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    place.next = (start + LOOP) & ORDER_MASK;
    return admitted;
  });
}
