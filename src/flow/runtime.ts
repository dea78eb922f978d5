/** The pump of a flow: from the source into the graph, as fast as the sinks take it. */
import { systemClock } from "../breaker/clock.ts";
import type { Graph } from "./graph.ts";
import { Interruption } from "./interruption.ts";
import type { Ledger } from "./ledger.ts";
import type { Source, SourceItem } from "./ramp.ts";
import { TICK_MS } from "./signal.ts";
import { nextTurn } from "./turn.ts";

/** Events pushed before the event loop gets a turn: a turn costs a few µs, so this makes it some ns an event. */
const EVENTS_PER_TURN = 512;

/** What `runFlow` needs. */
export interface FlowParts {
  /** Built, its sinks attached, not started. */
  readonly graph: Graph;
  readonly source: Source;
  /** In ms; must not go back. Default: the time since 1970, in whole ms, that no change of the system's clock moves. */
  readonly clock?: () => number;
  /** Time between two ticks, in ms. Default: `TICK_MS`. */
  readonly tickMs?: number;
  /** Aborted: no more is read; what was read ends as usual. Items that were pulled but not pushed count as not read. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a flow from its start to its end: ticks, pulls and pushes until the source has no more or `signal` is
 * aborted, drains, sends `shutdown`, closes the sinks and the source. Each error on the way ends the reading,
 * never the draining.
 *
 * @returns the ledger of the graph, final. `inFlight` is not 0 only if a sink or an operator never answered
 * @throws the first error that the source, a sink or an operator threw, after everything is closed
 */
export async function runFlow(parts: FlowParts): Promise<Ledger> {
  const { graph, source, clock = wholeMs } = parts;
  const interruption = new Interruption(parts.signal);
  const errors: unknown[] = [];
  await collect(errors, async () => {
    const started = graph.start(clock(), clock).then(() => true);
    if ((await interruption.wait(started)) === true) await runStarted(parts, clock, interruption, errors);
  });
  interruption.close();
  await collect(errors, () => graph.close());
  await collect(errors, () => source.close());
  if (errors.length > 0) throw errors[0];
  return graph.ledger;
}

async function runStarted(
  { graph, source, tickMs = TICK_MS }: FlowParts,
  clock: () => number,
  interruption: Interruption,
  errors: unknown[],
): Promise<void> {
  const tick = (): void => graph.signal({ kind: "tick", atMs: clock() });
  tick();
  // Not unref'ed: a flow that waits for nothing but a tick (a breaker under `pause`) has not ended.
  const ticking = setInterval(tick, tickMs);
  await collect(errors, () => new Pump(graph, source, clock, interruption).run());
  await collect(errors, () => graph.drain());
  clearInterval(ticking);
  await collect(errors, async () => graph.signal({ kind: "shutdown", atMs: clock() }));
}

class Pump {
  readonly #graph: Graph;
  readonly #source: Source;
  readonly #clock: () => number;
  readonly #interruption: Interruption;
  #sinceTurn = 0;

  constructor(graph: Graph, source: Source, clock: () => number, interruption: Interruption) {
    this.#graph = graph;
    this.#source = source;
    this.#clock = clock;
    this.#interruption = interruption;
  }

  async run(): Promise<void> {
    await this.#relief();
    while (!this.#interruption.raised) {
      const items = await this.#interruption.wait(this.#source.pull());
      if (items === undefined) return;
      await this.#push(items);
    }
  }

  async #push(items: readonly SourceItem[]): Promise<void> {
    let nowMs = this.#clock();
    for (const item of items) {
      this.#graph.push(0, item, nowMs);
      this.#sinceTurn++;
      if (!this.#graph.congested && this.#sinceTurn < EVENTS_PER_TURN) continue;
      await this.#relief();
      if (this.#interruption.raised) return;
      nowMs = this.#clock();
    }
  }

  /** Waits until the graph takes more, and gives the event loop its turn when that is due. */
  async #relief(): Promise<void> {
    while (this.#graph.congested && !this.#interruption.raised) {
      await this.#interruption.wait(this.#graph.whenRelieved());
    }
    if (this.#sinceTurn < EVENTS_PER_TURN) return;
    this.#sinceTurn = 0;
    await nextTurn();
  }
}

/** Whole, so that the times in breaker events read well. */
function wholeMs(): number {
  return Math.floor(systemClock());
}

async function collect(errors: unknown[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    errors.push(error);
  }
}
