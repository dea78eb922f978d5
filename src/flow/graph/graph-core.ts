/** The parts of one graph that its nodes have in common. */
import type { FlowEvent } from "../protocol/event.ts";
import { FlowClock } from "../protocol/flow-clock.ts";
import type { Operator } from "../protocol/operator.ts";
import { ERR } from "../protocol/port-name.ts";
import { Counts } from "./accounting.ts";
import { Answers } from "./answers.ts";
import { BackPressureGate } from "./back-pressure-gate.ts";
import { EventEnds } from "./event-ends.ts";
import type { Plan } from "./plan.ts";
import { Propagation } from "./propagation.ts";
import { Reach } from "./reach.ts";
import { SourceTrackers } from "./source-tracker.ts";

export class GraphCore {
  readonly plan: Plan;
  /** The operators by the number of their node. */
  readonly operators: ReadonlyMap<number, Operator>;
  readonly clock = new FlowClock();
  readonly counts = new Counts();
  readonly gate = new BackPressureGate();
  readonly trackers = new SourceTrackers();
  readonly ends: EventEnds;
  readonly answers: Answers;
  readonly propagation: Propagation;
  readonly reach: Reach;
  /** Node where events enter. */
  readonly input: number;
  /** Node of the output for malformed items. */
  readonly malformed: number;

  /** @param enter an event enters again */
  constructor(plan: Plan, enter: (root: FlowEvent) => void) {
    const { clock, counts, gate, trackers } = this;
    this.plan = plan;
    this.operators = new Map(
      plan.nodes.flatMap((node, number) => (node.kind === "operator" ? [[number, node.operator]] : [])),
    );
    this.input = this.nodeOf("in");
    this.malformed = this.nodeOf(`out/${ERR}`);
    this.ends = new EventEnds({ clock, counts, trackers, enter });
    this.answers = new Answers(clock, counts, this.ends);
    const { input, malformed, operators } = this;
    const { topology } = plan;
    this.propagation = new Propagation({ gate, trackers, topology, operators, input, malformed });
    this.reach = new Reach(plan);
  }

  /** The number of a node; -1: there is none of that name. */
  nodeOf(name: string): number {
    return this.plan.nodes.findIndex((node) => node.name === name);
  }
}
