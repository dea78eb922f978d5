/**
 * The process of one case, or of one reading. It measures when it is told to and waits in between, so that the cases of a section
 * take turns, and no case shares call sites, inline caches or garbage with another.
 */
import { Bench } from "tinybench";
import type { Answer, Assignment, Order } from "./protocol.ts";
import type { Work } from "./section.ts";
import { SECTIONS } from "./sections/index.ts";

const NS_PER_MS = 1_000_000;

/** Does what an order asks for. */
type Obey = (order: Order) => Promise<Answer>;

async function prepare({ section, case: name, short }: Assignment): Promise<Obey> {
  const found = SECTIONS.find((one) => one.name === section);
  const reading = found?.readings?.find((one) => one.name === name);
  if (reading !== undefined)
    return async () => ({ kind: "taken", value: finite(await reading.take({ short })) });
  const one = found?.cases.find((some) => some.name === name);
  if (one === undefined) throw new Error(`there is no case "${name}" in the section "${section}"`);
  const work = await one.prepare({ short });
  return (order) => obey(work, order);
}

/** JSON has no NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Measures for at least `timeMs`, one run at least. Returns ns for one operation. */
async function measure(work: Work, timeMs: number, warmupMs: number): Promise<number> {
  const bench = new Bench({
    time: timeMs,
    iterations: 1,
    warmup: warmupMs > 0,
    warmupTime: warmupMs,
    warmupIterations: 1,
    throws: true,
  });
  bench.add("case", () => work.run(), { async: work.waits });
  const task = (await bench.run())[0];
  if (task?.result.state !== "completed") throw new Error(`tinybench ended as ${task?.result.state}`);
  return (task.result.latency.p50 * NS_PER_MS) / work.operations;
}

async function obey(work: Work, order: Order): Promise<Answer> {
  if (order.kind === "measure") {
    return { kind: "measured", ns: await measure(work, order.timeMs, order.warmupMs) };
  }
  work.verify();
  return { kind: "verified" };
}

function send(answer: Answer): void {
  process.send?.(answer);
}

function fail(error: unknown): void {
  send({ kind: "broken", error: error instanceof Error ? error.message : String(error) });
}

/** Orders come one at a time: the conductor waits for each answer. */
function attend(obey: Obey): void {
  process.on("message", (order: Order) => {
    obey(order).then(send, fail);
  });
  send({ kind: "ready" });
}

// A peer may hold timers; without a conductor there is nothing left to do.
process.on("disconnect", () => process.exit());
prepare(JSON.parse(process.argv[2] ?? "{}")).then(attend, fail);
