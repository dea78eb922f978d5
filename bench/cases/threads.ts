/** Threads that do the same work at the same time: they start at a gate, and a run ends when the last one is done. */
import type { Scale, Work } from "../section.ts";
import { counted } from "../work.ts";
import { sharedBreakers } from "./fixtures.ts";
import { GATE, type StartThread, type ThreadTask } from "./thread-task.ts";

/** Outcomes of a thread in a run: some ms, a hundred times what it takes to wake a thread. */
const OUTCOMES = 524_288;
const FEW_OUTCOMES = 16_384;
const BREAKERS = 2_000;
const FEW_BREAKERS = 200;
const PATIENCE_MS = 60_000;

/** Admission and report of one breaker. */
export function together(startThread: StartThread, threads: number, scale: Scale): Promise<Work> {
  return ofBreakers(startThread, threads, 1, scale);
}

/** Of many breakers, each thread in its own random order. */
export function apart(startThread: StartThread, threads: number, scale: Scale): Promise<Work> {
  return ofBreakers(startThread, threads, scale.short ? FEW_BREAKERS : BREAKERS, scale);
}

/** Instead of a breaker a word, which every outcome replaces by compare-and-swap. */
export function swapping(startThread: StartThread, threads: number, scale: Scale): Promise<Work> {
  return threadsWith(startThread, threads, scale, () => ({ kind: "swap" }));
}

function ofBreakers(startThread: StartThread, threads: number, count: number, scale: Scale): Promise<Work> {
  const breakers = sharedBreakers(count, threads + 1);
  return threadsWith(startThread, threads, scale, () => ({ kind: "breakers", handle: breakers.handle() }));
}

async function threadsWith(
  startThread: StartThread,
  threads: number,
  scale: Scale,
  task: () => ThreadTask["task"],
): Promise<Work> {
  const outcomes = scale.short ? FEW_OUTCOMES : OUTCOMES;
  const gate = new Int32Array(new SharedArrayBuffer(GATE.length * 4));
  for (let number = 0; number < threads; number++) {
    await startThread({ gate, threads, number, outcomes, task: task() });
  }
  const total = threads * outcomes;
  return counted(total, total, () => {
    for (const cell of [GATE.awake, GATE.done, GATE.counted]) Atomics.store(gate, cell, 0);
    Atomics.add(gate, GATE.run, 1);
    Atomics.notify(gate, GATE.run);
    // Asleep, this thread takes no core from the others.
    for (let done = 0; done < threads; done = Atomics.load(gate, GATE.done)) {
      if (Atomics.wait(gate, GATE.done, done, PATIENCE_MS) === "timed-out") throw new Error("a thread hangs");
    }
    return Atomics.load(gate, GATE.counted);
  });
}
