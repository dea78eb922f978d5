/** Whether a pipeline keeps anything of the events that have gone through it. */
import { loadFlights } from "../flights.ts";
import type { Scale } from "../section.ts";
import { LOOP, STEP_MS } from "../work.ts";
import { collector } from "./allocation.ts";
import { CircuitBreakerRegistry } from "./fixtures.ts";
import { deploy } from "./pipeline.ts";
import { GUARDED } from "./push.ts";

const EVENTS = 10_000_000;
const FEW_EVENTS = 100_000;

/** kB more after the tenth tenth of ten million events than after the first: heap, buffers and linear memory, all collected. */
export async function growth({ short }: Scale): Promise<number> {
  const events = short ? FEW_EVENTS : EVENTS;
  const graph = deploy(GUARDED, new CircuitBreakerRegistry());
  let nowMs = 1_000;
  await graph.start(nowMs);
  const items = loadFlights(LOOP).map((data) => ({ data }));
  const push = (count: number): void => {
    for (let number = 0; number < count; number++) {
      nowMs += STEP_MS;
      graph.push(0, items[number % LOOP]!, nowMs); // so many were loaded
    }
  };
  push(events / 10);
  const before = held();
  push(events - events / 10);
  const after = held();
  if (graph.accounting.delivered !== events)
    throw new Error(`delivered ${graph.accounting.delivered} of ${events}`);
  return Math.max(0, after - before) / 1_024;
}

/** Bytes that remain after a collection. */
function held(): number {
  collector()();
  const { heapUsed, external } = process.memoryUsage(); // external: buffers and linear memories too
  return heapUsed + external;
}
