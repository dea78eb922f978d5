/** From one source into the graph, as fast as the sinks take it. */

import type { Graph } from "../graph/graph.ts";
import type { Source, SourceItem } from "../protocol/source-and-sink.ts";
import { nextTurn } from "./event-loop-turn.ts";
import type { Interruption } from "./interruption.ts";

/**
 * When the event loop gets a turn, so that sockets and timers get theirs: after so many ms, checked after so many events,
 * since the clock costs as much as an event. Some runtimes stop the clock while a program runs: then after so many events.
 * A turn costs some 10 µs. Measured on a file: one after every 512 events, which are pushed in 40 µs, takes a tenth of
 * the rate.
 */
const SLICE_MS = 1;
const EVENTS_PER_LOOK = 256;
const EVENTS_PER_TURN = 4_096; // 16 times EVENTS_PER_LOOK

/** The parts that the pumps of one run share. */
export interface PumpParts {
  readonly graph: Graph;
  /** In ms. */
  readonly clock: () => number;
  readonly interruption: Interruption;
}

export class Pump {
  readonly #source: Source;
  readonly #graph: Graph;
  readonly #clock: () => number;
  readonly #interruption: Interruption;
  readonly #tracker: ReturnType<Graph["addSource"]>;
  /** Events pushed since the event loop had its turn. */
  #sinceTurn = 0;
  /** When that was, on the clock of `performance`. */
  #turnMs = performance.now();
  /** Replays that a pull has begun after. */
  #replays = 0;

  constructor(source: Source, { graph, clock, interruption }: PumpParts) {
    this.#source = source;
    this.#graph = graph;
    this.#clock = clock;
    this.#interruption = interruption;
    this.#tracker = graph.addSource(source);
  }

  /** True when the source has to replay after its end. */
  get mustGoOn(): boolean {
    return this.#tracker.replays !== this.#replays;
  }

  /** Pulls and pushes until the source has no more or the run is told to stop. May be called again. */
  async run(): Promise<void> {
    await this.#relief();
    while (!this.#interruption.raised) {
      this.#replays = this.#tracker.replays;
      const items = await this.#interruption.wait(this.#source.pull());
      if (this.mustGoOn) continue;
      if (items === undefined) return;
      await this.#push(items);
    }
  }

  async #push(items: readonly SourceItem[]): Promise<void> {
    let nowMs = this.#clock();
    for (const item of items) {
      this.#graph.push(this.#tracker.number, item, nowMs);
      this.#sinceTurn++;
      const isToLook = this.#sinceTurn % EVENTS_PER_LOOK === 0;
      if (!this.#graph.congested && !isToLook && !this.mustGoOn) continue;
      await this.#relief();
      if (this.#interruption.raised || this.mustGoOn) return;
      nowMs = this.#clock();
    }
  }

  /** Waits until the graph takes more, and gives the event loop its turn when that is due. */
  async #relief(): Promise<void> {
    while (this.#graph.congested && !this.#interruption.raised) {
      await this.#interruption.wait(this.#graph.whenRelieved());
    }
    if (this.#sinceTurn < EVENTS_PER_TURN && performance.now() - this.#turnMs < SLICE_MS) return;
    await nextTurn();
    this.#sinceTurn = 0;
    this.#turnMs = performance.now();
  }
}
