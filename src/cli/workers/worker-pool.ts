/** The workers of a run, seen from the main thread: starts them, adds up their counts, ends when all have ended. */
import { Worker } from "node:worker_threads";
import { reasonOf } from "../../connect/base/errors.ts";
import { countLines } from "../../connect/file/file-range.ts";
import { type SharedRegistry, watchWorker } from "../../entry/threads.ts";
import { CommandError } from "../base/command-error.ts";
import { addSnapshots, type RunSnapshot } from "../view/snapshot.ts";
import type { FromWorker, ToWorker, WorkerParts } from "./messages.ts";

export interface PoolParts {
  readonly registry: SharedRegistry;
  /** One for each worker. */
  readonly workers: readonly WorkerParts[];
  /** The counts of a run that has read nothing. */
  readonly nothing: RunSnapshot;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface PoolEnd {
  /** The first error of a worker; undefined: none. */
  readonly error: unknown;
  readonly isCut: boolean;
  /** Workers that died. */
  readonly deadWorkers: number;
}

/** A worker, as far as it is known. */
interface Member {
  readonly parts: WorkerParts;
  readonly worker: Worker;
  /** Resolves when its thread has ended. */
  readonly exited: Promise<void>;
  snapshot: RunSnapshot | undefined;
  isReady: boolean;
  hasEnded: boolean;
}

export class WorkerPool {
  readonly #parts: PoolParts;
  readonly #members: readonly Member[];
  readonly #stop = (): void => this.#sendAll("stop");
  #error: unknown;
  #isCut = false;
  #deadWorkers = 0;
  #isStarted = false;

  /** Starts the threads. Nothing is read before the sinks of all have started. */
  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#members = parts.workers.map((workerParts) => this.#begin(workerParts));
    if (parts.signal.aborted) this.#stop();
    parts.signal.addEventListener("abort", this.#stop);
  }

  /** The sum of the latest counts. */
  snapshot(): RunSnapshot {
    return addSnapshots([this.#parts.nothing, ...this.#members.flatMap(({ snapshot }) => snapshot ?? [])]);
  }

  reopen(): void {
    this.#sendAll("reopen");
  }

  /** Resolves when every worker has ended, however it did. */
  async end(): Promise<PoolEnd> {
    await Promise.all(this.#members.map(({ exited }) => exited));
    this.#parts.signal.removeEventListener("abort", this.#stop);
    return { error: this.#error, isCut: this.#isCut, deadWorkers: this.#deadWorkers };
  }

  #begin(parts: WorkerParts): Member {
    const worker = new Worker(workerFile(), { workerData: parts });
    watchWorker(this.#parts.registry, worker, parts.handle);
    let death: unknown;
    worker.on("message", (message: FromWorker) => this.#receive(member, message));
    worker.on("error", (error) => {
      death = error;
    });
    const exited = new Promise<void>((resolve) => {
      worker.once("exit", (code) => {
        if (member.hasEnded) resolve();
        else void this.#bury(member, death ?? `its thread ended with ${code}`).finally(resolve);
      });
    });
    const member: Member = { parts, worker, exited, snapshot: undefined, isReady: false, hasEnded: false };
    return member;
  }

  #receive(member: Member, message: FromWorker): void {
    if (message.kind === "say") {
      this.#parts.say(message.line);
      return;
    }
    member.snapshot = message.snapshot ?? member.snapshot;
    if (message.kind === "ready") {
      member.isReady = true;
      this.#startAll();
    }
    if (message.kind === "end") {
      member.hasEnded = true;
      this.#isCut ||= message.isCut;
      if (message.fault !== undefined) this.#fail(errorOf(message.fault));
    }
  }

  #startAll(): void {
    if (this.#isStarted || !this.#members.every(({ isReady }) => isReady)) return;
    this.#isStarted = true;
    this.#sendAll("go");
  }

  /** An error of one ends the reading of all. */
  #fail(error: unknown): void {
    this.#error ??= error;
    this.#stop();
  }

  /** What a worker had to read and has not ended is lost: it may have been delivered, and there is no one to say so. */
  async #bury(member: Member, death: unknown): Promise<void> {
    this.#deadWorkers++;
    this.#parts.say(`ERROR: a worker died: ${reasonOf(death)}`);
    this.#stop();
    const { nothing } = this.#parts;
    const last = member.snapshot ?? nothing;
    const { in: paths } = member.parts.options;
    const counts = await Promise.all(
      paths.map(async (path, index) => {
        const range = member.parts.ranges[index];
        return range === undefined ? 0 : (await countLines(path, range).catch(() => ({ events: 0 }))).events;
      }),
    );
    const reads = last.sources.map(({ read }, index) => Math.max(read, counts[index] ?? 0));
    const read = reads.reduce((sum, count) => sum + count, 0);
    member.snapshot = {
      ...last,
      accounting: { ...last.accounting, read },
      sources: last.sources.map((source, index) => ({ ...source, read: reads[index] ?? 0 })),
    };
  }

  #sendAll(message: ToWorker): void {
    for (const { worker, hasEnded } of this.#members) if (!hasEnded) worker.postMessage(message);
  }
}

function errorOf({
  exitCode,
  message,
}: {
  exitCode: CommandError["exitCode"];
  message: string;
}): CommandError {
  return new CommandError(exitCode, message.replace(/^(internal )?error: /, ""));
}

/** Beside this file, in the sources and in what is built of them. */
function workerFile(): URL {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./run-worker.${ending}`, import.meta.url);
}
