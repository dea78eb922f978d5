/**
 * How trigger, restore, sink_start and drained reach operators and sources. Tremor walks its operators in the reverse order
 * of their creation; here these go against the links of the graph, so an operator sees only those of nodes ahead of it.
 */
import { NO_SOURCE } from "../protocol/event.ts";
import type { Insight, InsightKind } from "../protocol/insight.ts";
import type { Operator } from "../protocol/operator.ts";
import type { BackPressureGate } from "./back-pressure-gate.ts";
import type { Sender } from "./sender.ts";
import type { SourceTrackers } from "./source-tracker.ts";
import type { Topology } from "./topology.ts";

/** An insight that answers no event. */
export type NoticeKind = Exclude<InsightKind, "ack" | "fail" | "release">;

export interface PropagationParts {
  readonly gate: BackPressureGate;
  readonly trackers: SourceTrackers;
  readonly topology: Topology;
  readonly operators: ReadonlyMap<number, Operator>;
  /** Node where events enter. */
  readonly input: number;
  /** Node of the output for malformed items, which sources reach past every operator. */
  readonly malformed: number;
}

export class Propagation {
  readonly #parts: PropagationParts;

  constructor(parts: PropagationParts) {
    this.#parts = parts;
  }

  /**
   * Goes against every link, from node to node, and past every operator that does not stop it. At the input, a trigger
   * blocks the sources and a restore of the same sender ends that. No operator can stop the first restore of a sink,
   * which the sources wait for.
   */
  propagate(kind: NoticeKind, sender: Sender, atMs: number): void {
    const { gate, trackers, malformed } = this.#parts;
    const insight: Insight = {
      kind,
      atMs,
      from: sender.number,
      source: NO_SOURCE,
      id: 0,
      ingestMs: atMs,
      correlations: undefined,
      durationMs: Number.NaN,
      meta: undefined,
    };
    const reachesSources = sender.node === malformed || this.#isForAll(insight);
    if (!this.#reachesInput(insight, sender.node) && !reachesSources) return;
    if (kind === "sink_start") gate.markStarting(sender.number);
    if (kind === "trigger") gate.trigger(sender.number);
    if (kind === "restore") gate.restore(sender.number);
    trackers.notify(insight);
  }

  #isForAll({ kind, from }: Insight): boolean {
    if (kind === "restore") return this.#parts.gate.isStarting(from);
    return kind !== "trigger";
  }

  #reachesInput(insight: Insight, start: number): boolean {
    const { topology, input } = this.#parts;
    const reached = new Set([start]);
    for (const node of topology.upstreamOf(start)) {
      if (node === start) continue;
      const comesHere = topology.next(node).some((later) => reached.has(later));
      if (!comesHere || this.#isStoppedAt(node, insight)) continue;
      reached.add(node);
    }
    return reached.has(input);
  }

  #isStoppedAt(node: number, insight: Insight): boolean {
    const isStopped = this.#parts.operators.get(node)?.onInsight?.(insight) === true;
    return isStopped && (insight.kind === "trigger" || insight.kind === "restore");
  }
}
