/** A worker thread of a run: the whole pipeline on a part of each file, behind breakers that all workers share. */
import { parentPort, workerData } from "node:worker_threads";
import { attachRegistry } from "../../entry/threads.ts";
import type { Source } from "../../flow/protocol/source-and-sink.ts";
import { faultOf } from "../base/fault.ts";
import { compilePipeline } from "../base/load-pipeline.ts";
import { deadLetterSource } from "../run/dead-letter.ts";
import { FlowRun } from "../run/flow-run.ts";
import { openSinks } from "../run/open.ts";
import { gatedSource } from "./gated-source.ts";
import type { FromWorker, ToWorker, WorkerParts } from "./messages.ts";
import { openRange } from "./range-source.ts";

/** ms between two messages with counts: what a progress line shows is at most that old. */
const COUNTS_MS = 100;

if (parentPort !== null) await runWorker(parentPort, workerData as WorkerParts);

async function runWorker(port: NonNullable<typeof parentPort>, parts: WorkerParts): Promise<void> {
  const send = (message: FromWorker): void => port.postMessage(message);
  const abort = new AbortController();
  let go = (): void => {};
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  let run: FlowRun | undefined;
  port.on("message", (message: ToWorker) => {
    if (message === "go") go();
    else if (message === "stop") abort.abort();
    else void run?.reopen();
  });
  const registry = attachRegistry(parts.handle);
  let counting: NodeJS.Timeout | undefined;
  try {
    const { options, pipeline, ports } = parts;
    const { endpoint, retries, retryFor, maxWaiting, stopTimeout } = options;
    const program = compilePipeline(pipeline);
    const { sinks, failed } = await openSinks(ports, options);
    const say = (line: string): void => send({ kind: "say", line });
    let isReady = false;
    const ready = (): Promise<void> => {
      if (run !== undefined && !isReady) send({ kind: "ready", snapshot: run.snapshot() });
      isReady = true;
      return gone;
    };
    const sources = await openRanges(parts, ready);
    const { signal } = abort;
    run = new FlowRun({
      program,
      registry,
      sources,
      sinks,
      failed,
      endpoint,
      retries,
      retryFor,
      maxWaiting,
      stopTimeout,
      signal,
      say,
    });
    counting = setInterval(() => {
      if (run !== undefined) send({ kind: "counts", snapshot: run.snapshot() });
    }, COUNTS_MS);
    const { error, isCut } = await run.run();
    const fault = error === undefined ? undefined : faultOf(error);
    send({ kind: "end", snapshot: run.snapshot(), fault, isCut });
  } catch (error) {
    send({ kind: "end", snapshot: run?.snapshot(), fault: faultOf(error), isCut: false });
  } finally {
    clearInterval(counting);
    registry.detach();
    port.close();
  }
}

async function openRanges(
  { options, ranges }: WorkerParts,
  ready: () => Promise<void>,
): Promise<readonly Source[]> {
  const { in: paths, source, again } = options;
  return Promise.all(
    paths.map(async (path, index) => {
      const range = ranges[index] ?? { start: 0, end: 0 };
      const opened = await openRange(path, range, source);
      return gatedSource(again ? deadLetterSource(opened) : opened, ready);
    }),
  );
}
