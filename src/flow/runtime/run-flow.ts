/** Runs a flow from its start to its end. */
import { systemClock } from "../../breaker/clock.ts";
import type { Accounting } from "../graph/accounting.ts";
import type { Graph } from "../graph/graph.ts";
import { TICK_MS } from "../protocol/signal.ts";
import type { Source } from "../protocol/source-and-sink.ts";
import { Interruption } from "./interruption.ts";
import { Pump } from "./pump.ts";

/** The parts of a run. */
export interface FlowParts {
  /** Built, its sinks attached, not started. */
  readonly graph: Graph;
  /** One, or several that are read side by side: each is numbered by its place. */
  readonly source: Source | readonly Source[];
  /** In ms; must not go back. Default: the time since 1970, in whole ms, that no change of the system's clock moves. */
  readonly clock?: () => number;
  /** Time between two ticks, in ms. Default: `TICK_MS`. */
  readonly tickMs?: number;
  /** Aborted: no more is read; what was read ends as usual. Items that were pulled but not pushed count as not read. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a flow from its start to its end: ticks, pulls and pushes until no source has any more or `signal` is
 * aborted, drains, sends `shutdown`, closes the sinks and the sources. What fails while it drains is replayed by
 * a transactional source, and drained again. Each error on the way ends the reading, never the draining.
 *
 * @returns the accounting of the graph, final. `inFlight` is not 0 only if a sink or an operator never answered
 * @throws the first error that a source, a sink or an operator threw, after everything is closed
 */
export async function runFlow(parts: FlowParts): Promise<Accounting> {
  const { graph, clock = wholeMs, tickMs = TICK_MS } = parts;
  const sources = listOf(parts.source);
  // A run that is stopped does not wait for an endpoint to come back.
  const interruption = new Interruption(parts.signal, () => graph.stopRetrying());
  const run = new Run(graph, sources, clock, interruption);
  await run.collect(async () => {
    const started = graph.start(clock(), clock).then(() => true);
    if ((await run.interruption.wait(started)) === true) await run.ship(tickMs);
  });
  run.interruption.close();
  await run.collect(() => graph.close());
  for (const source of sources) await run.collect(() => source.close());
  if (run.errors.length > 0) throw run.errors[0];
  return graph.accounting;
}

class Run {
  readonly errors: unknown[] = [];
  readonly interruption: Interruption;
  readonly #graph: Graph;
  readonly #pumps: readonly Pump[];
  readonly #clock: () => number;

  constructor(graph: Graph, sources: readonly Source[], clock: () => number, interruption: Interruption) {
    this.interruption = interruption;
    this.#graph = graph;
    this.#clock = clock;
    this.#pumps = sources.map((source) => new Pump(source, { graph, clock, interruption }));
  }

  /** From the first tick to the signal `shutdown`. */
  async ship(tickMs: number): Promise<void> {
    const tick = (): void => this.#graph.signal({ kind: "tick", atMs: this.#clock() });
    tick();
    // Not unref'ed: a flow that waits for nothing but a tick (a breaker under `pause`) has not ended.
    const ticking = setInterval(tick, tickMs);
    let pumps = this.#pumps;
    do {
      await Promise.all(pumps.map((pump) => this.#read(pump)));
      await this.collect(() => this.#graph.drain());
      pumps = this.#pumps.filter((pump) => pump.mustGoOn);
    } while (pumps.length > 0 && !this.interruption.raised);
    clearInterval(ticking);
    await this.collect(async () => this.#graph.signal({ kind: "shutdown", atMs: this.#clock() }));
  }

  /** Keeps what `work` throws. */
  async collect(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.errors.push(error);
    }
  }

  /** An error of one source ends the reading of all. */
  async #read(pump: Pump): Promise<void> {
    await this.collect(async () => {
      try {
        await pump.run();
      } catch (error) {
        this.interruption.raise();
        throw error;
      }
    });
  }
}

function listOf(source: Source | readonly Source[]): readonly Source[] {
  return "pull" in source ? [source] : source;
}

/** Whole, so that the times in breaker events read well. */
function wholeMs(): number {
  return Math.floor(systemClock());
}
