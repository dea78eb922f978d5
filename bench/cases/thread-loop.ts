/** The loop of one thread: it sleeps at the gate, works, reports that it is done, until it is terminated. */
import { Random } from "../random.ts";
import { Clock, STEP_MS } from "../work.ts";
import { attachBreakers, type CallExports } from "./fixtures.ts";
import { GATE, type ThreadTask } from "./thread-task.ts";

/** Which breaker each call is for; a power of two. */
const ORDER_LENGTH = 131_072;

/** So many outcomes. Returns how many were admitted, or swapped. */
type Loop = (outcomes: number) => number;

/** Before the first run: the loop is compiled as a function that is called, not in the middle of one long call. */
const WARMUP_LOOPS = 200;
const WARMUP_OUTCOMES = 4_096;

function loopOf({ task, number, gate }: ThreadTask): Loop {
  if (task.kind === "swap") return (outcomes) => swaps(gate, outcomes);
  const { core, addresses, stripeOffset: offset } = attachBreakers(task.handle);
  if (addresses.length === 1) return callsOfOne(core.exports, addresses[0]!, offset);
  const random = new Random(number);
  const order = Uint32Array.from({ length: ORDER_LENGTH }, () => addresses[random.below(addresses.length)]!); // below the length
  return callsOfMany(core.exports, order, offset);
}

/** `offset`: from a breaker to this thread's stripe of it. */
function callsOfOne({ acquire, succeed }: CallExports, breaker: number, offset: number): Loop {
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

function callsOfMany({ acquire, succeed }: CallExports, order: Uint32Array, offset: number): Loop {
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
function swaps(gate: ThreadTask["gate"], outcomes: number): number {
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
export function work(task: ThreadTask, ready: () => void): never {
  const { gate, threads, outcomes } = task;
  const loop = loopOf(task);
  for (let i = 0; i < WARMUP_LOOPS; i++) loop(WARMUP_OUTCOMES);
  ready();
  for (let run = 0; ; run++) {
    Atomics.wait(gate, GATE.run, run);
    Atomics.add(gate, GATE.awake, 1);
    while (Atomics.load(gate, GATE.awake) < threads); // none begins before all are awake
    Atomics.add(gate, GATE.counted, loop(outcomes));
    Atomics.add(gate, GATE.done, 1);
    Atomics.notify(gate, GATE.done);
  }
}
