/** The work of one thread of a crew: it sleeps at the gate, works, says that it is done, and so on until it is ended. */
import { Core } from "../../src/core/core.ts";
import { enter } from "../../src/core/site.ts";
import { Chance } from "../chance.ts";
import { Clock, STEP_MS } from "../work.ts";
import { type Duty, GATE } from "./duty.ts";
import { SHARED } from "./subjects.ts";

/** Which breaker each call is for; a power of two. */
const ORDER_LENGTH = 131_072;

/** So many outcomes. Returns how many were admitted, or swapped. */
type Shift = (outcomes: number) => number;

/** Before the first run: the loop is compiled as a function that is called, not in the middle of one long call. */
const WARMUP_SHIFTS = 200;
const WARMUP_OUTCOMES = 4_096;

function shiftOf({ task, number, gate }: Duty): Shift {
  if (task.kind === "swap") return (outcomes) => swaps(gate, outcomes);
  const site = enter(task.memory, task.token);
  if (site === undefined) throw new Error("there is no stripe for this thread");
  const core = new Core(SHARED, site);
  const { addresses, policy } = task;
  const offset = core.stripeOf(0, policy);
  if (addresses.length === 1) return callsOfOne(core, addresses[0]!, offset);
  const chance = new Chance(number);
  const order = Uint32Array.from({ length: ORDER_LENGTH }, () => addresses[chance.below(addresses.length)]!); // below the length
  return callsOfMany(core, order, offset);
}

/** `offset`: from a breaker to this thread's stripe of it. */
function callsOfOne({ acquire, succeed }: Core, breaker: number, offset: number): Shift {
  const stripe = breaker + offset;
  const clock = new Clock();
  return (outcomes) => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < outcomes; i++) {
      now += STEP_MS;
      const ticket = acquire(breaker, stripe, now);
      succeed(breaker, stripe, ticket, now, Number.NaN, 1);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    return admitted;
  };
}

function callsOfMany({ acquire, succeed }: Core, order: Uint32Array, offset: number): Shift {
  const mask = order.length - 1;
  const clock = new Clock();
  return (outcomes) => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < outcomes; i++) {
      now += STEP_MS;
      const breaker = order[i & mask]!; // the mask keeps it inside
      const ticket = acquire(breaker, breaker + offset, now);
      succeed(breaker, breaker + offset, ticket, now, Number.NaN, 1);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    return admitted;
  };
}

/** The least that a breaker without stripes could do for an outcome: one word that all threads replace. */
function swaps(gate: Duty["gate"], outcomes: number): number {
  let swapped = 0;
  for (let i = 0; i < outcomes; i++) {
    let value = Atomics.load(gate, GATE.word);
    for (;;) {
      const found = Atomics.compareExchange(gate, GATE.word, value, value + 1);
      if (found === value) break;
      value = found;
    }
    swapped++;
  }
  return swapped;
}

/** Warms up, calls `ready`, and works whenever the gate opens. Never returns. */
export function work(duty: Duty, ready: () => void): never {
  const { gate, threads, outcomes } = duty;
  const shift = shiftOf(duty);
  for (let i = 0; i < WARMUP_SHIFTS; i++) shift(WARMUP_OUTCOMES);
  ready();
  for (let run = 0; ; run++) {
    Atomics.wait(gate, GATE.run, run);
    Atomics.add(gate, GATE.awake, 1);
    while (Atomics.load(gate, GATE.awake) < threads); // none begins before all are awake
    Atomics.add(gate, GATE.counted, shift(outcomes));
    Atomics.add(gate, GATE.done, 1);
    Atomics.notify(gate, GATE.done);
  }
}
