/** Threads that do the same work at the same time: they start at a gate, and a run ends when the last one is done. */
import { Worker } from "node:worker_threads";
import type { Scale, Work } from "../section.ts";
import { counted } from "../work.ts";
import type { Duty } from "./duty.ts";
import { sharedBreakers } from "./subjects.ts";

// Compiled by then: run.mjs sees to it.
const PROGRAM = new URL("./thread.js", import.meta.url);
/** Outcomes of a thread in a run: some ms, a hundred times what it takes to wake a thread. */
const OUTCOMES = 524_288;
const FEW_OUTCOMES = 16_384;
const BREAKERS = 2_000;
const FEW_BREAKERS = 200;
const PATIENCE_MS = 60_000;

/** Cells of the gate, which all threads share. */
export const GATE = {
  /** Raised by one for each run; the threads sleep at it. */
  run: 0,
  /** Threads that are awake: the last one lets all of them go. */
  awake: 1,
  /** Threads that are done; the main thread sleeps at it. */
  done: 2,
  /** Outcomes of this run that were counted. */
  counted: 3,
  /** What the threads without a breaker swap; far from the others, on a cache line of its own. */
  word: 64,
  length: 128,
} as const;

/** Admission and report of one breaker. */
export function together(threads: number, scale: Scale): Promise<Work> {
  return ofBreakers(threads, 1, scale);
}

/** Of many breakers, each thread in its own random order. */
export function apart(threads: number, scale: Scale): Promise<Work> {
  return ofBreakers(threads, scale.short ? FEW_BREAKERS : BREAKERS, scale);
}

/** Instead of a breaker a word, which every outcome replaces by compare-and-swap. */
export function swapping(threads: number, scale: Scale): Promise<Work> {
  return crewOf(threads, scale, () => ({ kind: "swap" }));
}

function ofBreakers(threads: number, count: number, scale: Scale): Promise<Work> {
  const { core, addresses, policy } = sharedBreakers(count, threads + 1);
  const memory = core.memory.memory as WebAssembly.Memory; // the shared build takes no other
  return crewOf(threads, scale, () => {
    return { kind: "breakers", memory, token: core.drawToken(), addresses, policy };
  });
}

async function crewOf(threads: number, scale: Scale, task: () => Duty["task"]): Promise<Work> {
  const outcomes = scale.short ? FEW_OUTCOMES : OUTCOMES;
  const gate = new Int32Array(new SharedArrayBuffer(GATE.length * 4));
  for (let number = 0; number < threads; number++) {
    const workerData: Duty = { gate, threads, number, outcomes, task: task() };
    await ready(new Worker(PROGRAM, { workerData }));
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

/** Resolves when the thread sleeps at the gate, or is about to. The process ends without waiting for it. */
async function ready(worker: Worker): Promise<void> {
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  worker.unref();
}
