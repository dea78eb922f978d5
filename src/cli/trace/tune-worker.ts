/** A thread of `bluesmoke tune`: scores options on the trace that it was given. */
import { parentPort, workerData } from "node:worker_threads";
import type { CircuitBreakerOptions } from "../../breaker/options.ts";
import type { CallTrace } from "../../replay/calls/call-trace.ts";
import { Evaluator, type Score } from "../../replay/tune/evaluate.ts";
import type { RunTrace } from "../../replay/tune/runs.ts";
import { exactScore, type Part } from "../../replay/tune/suggest.ts";
import type { Outage } from "../../replay/whatif/outages.ts";

/** What a thread begins with. */
export interface TuneWork {
  readonly runs: RunTrace;
  readonly outages: readonly Outage[];
  readonly seed: number;
  /** Calls, for exact scores. */
  readonly parts: Readonly<Partial<Record<Part, CallTrace>>>;
}

/** Options to score, and their scores: `id` tells which belong together. */
export interface TuneRequest {
  readonly id: number;
  /** "runs": as the search sees it; a part: exact. */
  readonly by: "runs" | Part;
  readonly options: readonly CircuitBreakerOptions[];
}
export interface TuneReply {
  readonly id: number;
  readonly scores: readonly Score[];
}

if (parentPort !== null) serve(parentPort, workerData as TuneWork);

function serve(port: NonNullable<typeof parentPort>, { runs, outages, seed, parts }: TuneWork): void {
  const evaluator = new Evaluator(runs, outages, seed);
  const scoreBy = (by: TuneRequest["by"], options: CircuitBreakerOptions) =>
    by === "runs" ? evaluator.score(options) : exactScore(parts[by]!, options);
  port.on("message", ({ id, by, options }: TuneRequest) => {
    const scores = options.map((one) => scoreBy(by, one));
    port.postMessage({ id, scores } satisfies TuneReply);
  });
}
