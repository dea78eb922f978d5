/**
 * Many breakers as a dependent chain: which is next is known only when the one before has answered, so no
 * processor can work ahead. This is the time that one decision takes; at random, it is how many overlap.
 */
import { ObjectBreaker } from "../byhand/object.ts";
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import type { Scale, Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";
import { handAt, handBreakers, rawAt, rawBreakers } from "./fixtures.ts";
import { countOf, randomOrder } from "./many.ts";
import { warm } from "./options.ts";

/** 0 for each ticket of these breakers; the compiler does not see that. */
const LEFT_OF_A_TICKET = 28;

/** Walks through the order; the step from one to the next needs the ticket before. Returns how many were admitted. */
class Chain {
  readonly #mask: number;
  readonly #order: Uint32Array;
  readonly #clock: Clock;
  #at = 0;

  constructor(order: Uint32Array, clock: Clock) {
    this.#order = order;
    this.#mask = order.length - 1;
    this.#clock = clock;
  }

  walk(call: (breaker: number, now: number) => number): number {
    const order = this.#order;
    const mask = this.#mask;
    let admitted = 0;
    let now = this.#clock.nowMs;
    let at = this.#at;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      const ticket = call(order[at]!, now); // `at` is masked
      if (ticket !== 0) admitted++;
      at = (at + 1 + (ticket >>> LEFT_OF_A_TICKET)) & mask;
    }
    this.#clock.nowMs = now;
    this.#at = at;
    return admitted;
  }
}

/** By hand, in one buffer. */
export function chainByHand(scale: Scale): Work {
  const { breakers, places } = handBreakers(countOf(scale));
  const clock = new Clock();
  for (const at of places) warm(handAt(breakers, at), clock);
  const order = randomOrder(places.length).map((number) => places[number]!); // numbers are below the length
  const chain = new Chain(order, clock);
  const call = (at: number, now: number): number => {
    const ticket = breakers.tryAcquire(at, now);
    breakers.onSuccess(at, ticket, now, Number.NaN);
    return ticket;
  };
  return counted(LOOP, LOOP, () => chain.walk(call));
}

/** By hand, an object for each. */
export function chainByObject(scale: Scale): Work {
  const breakers = Array.from({ length: countOf(scale) }, () => new ObjectBreaker(DEFAULT_POLICY));
  const clock = new Clock();
  for (const breaker of breakers) warm(breaker, clock);
  const chain = new Chain(randomOrder(breakers.length), clock);
  const call = (number: number, now: number): number => {
    const breaker = breakers[number]!; // numbers are below the length
    const ticket = breaker.tryAcquire(now);
    breaker.onSuccess(ticket, now, Number.NaN);
    return ticket;
  };
  return counted(LOOP, LOOP, () => chain.walk(call));
}

/** The exports of the module. */
export function chainRaw(scale: Scale): Work {
  const { core, addresses, stripeOffset } = rawBreakers(countOf(scale));
  const { acquire, succeed } = core.exports;
  const clock = new Clock();
  for (const breaker of addresses) warm(rawAt(core, breaker, breaker + stripeOffset), clock);
  const order = randomOrder(addresses.length).map((number) => addresses[number]!); // numbers are below the length
  const chain = new Chain(order, clock);
  const call = (breaker: number, now: number): number => {
    const ticket = acquire(breaker, breaker + stripeOffset, now);
    succeed(breaker, breaker + stripeOffset, ticket, now, Number.NaN, 1);
    return ticket;
  };
  return counted(LOOP, LOOP, () => chain.walk(call));
}
