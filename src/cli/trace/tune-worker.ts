/** A thread of `bluesmoke tune`: scores options on the trace that it was given. */
import { parentPort, workerData } from "node:worker_threads";
import type { CircuitBreakerOptions } from "../../breaker/options.ts";
import { Evaluator, type Score } from "../../replay/tune/evaluate.ts";
import type { RunTrace } from "../../replay/tune/runs.ts";
import type { Outage } from "../../replay/whatif/outages.ts";

/** What a thread begins with. */
export interface TuneWork {
  readonly runs: RunTrace;
  readonly outages: readonly Outage[];
  readonly seed: number;
}

/** Options to score, and their scores: `id` tells which belong together. */
export interface TuneRequest {
  readonly id: number;
  readonly options: readonly CircuitBreakerOptions[];
}
export interface TuneReply {
  readonly id: number;
  readonly scores: readonly Score[];
}

if (parentPort !== null) serve(parentPort, workerData as TuneWork);

function serve(port: NonNullable<typeof parentPort>, { runs, outages, seed }: TuneWork): void {
  const evaluator = new Evaluator(runs, outages, seed);
  port.on("message", ({ id, options }: TuneRequest) => {
    const scores = options.map((one) => evaluator.score(one));
    port.postMessage({ id, scores } satisfies TuneReply);
  });
}
