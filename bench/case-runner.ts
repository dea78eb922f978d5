/** Prepares one case, or one reading, and carries out orders. */
import { Bench } from "tinybench";
import type { Section, Work } from "./section.ts";
import type { Answer, Assignment, Order } from "./worker-protocol.ts";

const NS_PER_MS = 1_000_000;

/** Carries out an order. */
export type HandleOrder = (order: Order) => Promise<Answer>;

/**
 * Prepares the case, or the reading, of an assignment.
 * @param leastMs a sample takes at least so long; 0: as long as a run does
 * @throws Error when there is no such case, or when it cannot be prepared
 */
export async function prepare(
  { section, case: name, ...scale }: Assignment,
  sections: readonly Section[],
  leastMs = 0,
): Promise<HandleOrder> {
  const found = sections.find((one) => one.name === section);
  const reading = found?.readings?.find((one) => one.name === name);
  if (reading !== undefined) return async () => ({ kind: "taken", value: finite(await reading.take(scale)) });
  const one = found?.cases.find((some) => some.name === name);
  if (one === undefined) throw new Error(`there is no case "${name}" in the section "${section}"`);
  const work = await one.prepare(scale);
  return (order) => handleOrder(work, order, leastMs);
}

/** JSON has no NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Measures for at least `timeMs`, one run at least. Returns ns for one operation. */
async function measure(work: Work, timeMs: number, warmupMs: number, leastMs: number): Promise<number> {
  const bench = new Bench({
    time: timeMs,
    iterations: 1,
    warmup: warmupMs > 0,
    warmupTime: warmupMs,
    warmupIterations: 1,
    throws: true,
  });
  const runs = await runsOf(work, leastMs);
  bench.add("case", runs === 1 ? () => work.run() : repeated(work, runs), { async: work.waits });
  const task = (await bench.run())[0];
  if (task?.result.state !== "completed") throw new Error(`tinybench ended as ${task?.result.state}`);
  return (task.result.latency.p50 * NS_PER_MS) / (work.operations * runs);
}

/** How many runs take at least that long, twice as many each time. */
async function runsOf(work: Work, leastMs: number): Promise<number> {
  if (leastMs === 0) return 1;
  for (let runs = 1; ; runs *= 2) {
    const start = performance.now();
    await repeated(work, runs)();
    if (performance.now() - start >= leastMs) return runs;
  }
}

function repeated(work: Work, runs: number): () => void | Promise<void> {
  if (work.waits) {
    return async () => {
      for (let run = 0; run < runs; run++) await work.run();
    };
  }
  return () => {
    for (let run = 0; run < runs; run++) work.run();
  };
}

async function handleOrder(work: Work, order: Order, leastMs: number): Promise<Answer> {
  if (order.kind === "measure") {
    return { kind: "measured", ns: await measure(work, order.timeMs, order.warmupMs, leastMs) };
  }
  work.verify();
  return { kind: "verified" };
}

/** The answer in place of an error. */
export function brokenBy(error: unknown): Answer {
  return { kind: "broken", error: error instanceof Error ? error.message : String(error) };
}
