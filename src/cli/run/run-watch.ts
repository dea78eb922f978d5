/** What is shown of a run: progress, breaker events, and the summary at its end. */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { reasonOf } from "../../connect/base/errors.ts";
import type { Accounting } from "../../flow/graph/accounting.ts";
import type { Display } from "../view/display.ts";
import { BreakerHistories } from "../view/history.ts";
import { Progress } from "../view/progress.ts";
import type { RunSnapshot } from "../view/snapshot.ts";
import { type Summary, summaryPartOf } from "../view/summary.ts";
import { sentenceOf } from "../view/wording.ts";

/** Breakers in a summary, at most. */
const LISTED_BREAKERS = 100;

export interface RunWatchParts {
  readonly display: Display;
  readonly registry: CircuitBreakerRegistry;
  /** Up to date, also in several threads. */
  readonly accounting: () => Accounting;
  readonly snapshot: () => RunSnapshot;
}

export class RunWatch {
  readonly #parts: RunWatchParts;
  readonly #histories: BreakerHistories;
  readonly #progress: Progress;
  readonly #startedMs = performance.now();

  /** Begins to show it. */
  constructor(parts: RunWatchParts) {
    this.#parts = parts;
    const { display, registry, accounting } = parts;
    this.#histories = new BreakerHistories(registry, (event) => {
      this.say(sentenceOf(event, registry.peek(event.endpoint)?.options.detector));
    });
    this.#progress = new Progress({ display, accounting, registry, histories: this.#histories });
  }

  /** Shows a line with the time before it. */
  say(line: string): void {
    this.#parts.display.say(`${this.#progress.stamp}  ${line}`);
  }

  /**
   * The summary; nothing more is shown.
   *
   * @param error that ended the run early; undefined: none
   * @param signal aborted: the run was told to stop
   */
  end(error: unknown, signal: AbortSignal): Summary {
    const { registry, snapshot } = this.#parts;
    const durationMs = performance.now() - this.#startedMs;
    this.#progress.end();
    this.#histories.end();
    const part = summaryPartOf(snapshot());
    return {
      format: 1,
      end: error !== undefined ? "failed" : signal.aborted ? "interrupted" : "finished",
      error: error === undefined ? null : reasonOf(error),
      ...part,
      breakers: this.#histories.histories(registry.now()).slice(0, LISTED_BREAKERS),
      breakerCount: registry.size,
      breakersForcedOpen: Array.from(registry).filter(({ mode }) => mode === "forced_open").length,
      deadWorkers: 0,
      durationMs: Math.round(durationMs),
      eventsPerSecond: Math.round((part.events.read * 1_000) / durationMs),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1_024,
    };
  }
}
