/** Ends a run that was told to stop and does not come to its end: --stop-timeout. */
import type { Sink } from "../../flow/protocol/source-and-sink.ts";

export interface StopTimeoutParts {
  /** Undefined: a stop may take as long as it takes. */
  readonly seconds: number | undefined;
  /** Aborted when the run is told to stop. */
  readonly signal: AbortSignal;
  readonly sinks: readonly Sink[];
  /** The sink for what the others fail. */
  readonly failed: Sink | undefined;
}

/** ms for the sink of failed events, which gets everything that the others still held. */
const FAILED_MS = 5_000;

/**
 * When the time is over the sinks are closed: a sink that is closed fails what it holds and what comes later. The sink for
 * failed events is closed last, so that it can take them.
 */
export class StopTimeout {
  readonly #parts: StopTimeoutParts;
  readonly #begin = (): void => this.#wait();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: StopTimeoutParts) {
    this.#parts = parts;
    if (parts.seconds === undefined) return;
    if (parts.signal.aborted) this.#wait();
    else parts.signal.addEventListener("abort", this.#begin);
  }

  /** It has closed the sinks. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The run has ended. */
  end(): void {
    clearTimeout(this.#timer);
    this.#parts.signal.removeEventListener("abort", this.#begin);
  }

  #wait(): void {
    const { seconds = 0, sinks, failed } = this.#parts;
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      close(sinks);
      if (failed !== undefined) this.#timer = setTimeout(() => close([failed]), FAILED_MS);
    }, seconds * 1_000);
  }
}

/** The graph closes them once more, and reports what goes wrong then. */
function close(sinks: readonly Sink[]): void {
  for (const sink of sinks) void sink.close().catch(() => {});
}
