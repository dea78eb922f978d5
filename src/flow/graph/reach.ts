/** Which sinks lie behind a node: those that events come to which the node passes on, and which it has not made itself. */
import { turnsAway } from "../protocol/port-name.ts";
import { linksFrom, type Plan, type PlanLink } from "./plan.ts";
import { Topology } from "./topology.ts";

export class Reach {
  readonly #plan: Plan;
  /** The links by which events are passed on. */
  readonly #passing: Topology;
  /** The node of each sink, by its number. */
  readonly #nodeOfSink = new Map<number, number>();

  constructor(plan: Plan) {
    this.#plan = plan;
    const links = plan.links.filter((link) => this.#passes(link));
    this.#passing = new Topology(plan.nodes.length, links, plan.topology.order);
  }

  /** A sink is attached to that node. */
  addSink(sink: number, node: number): void {
    this.#nodeOfSink.set(sink, node);
  }

  /** As `OperatorContext.portsTowards`, of a node. */
  portsTowards(node: number, from: number): readonly string[] {
    const target = this.#nodeOfSink.get(from) ?? from;
    const links = linksFrom(this.#plan, node).filter(
      (link) => this.#passes(link) && this.#passing.downstreamOf(link.to).has(target),
    );
    return [...new Set(links.map(({ fromPort }) => fromPort))];
  }

  /** As `OperatorContext.sinksOf`. */
  sinksOf(from: number): readonly number[] {
    if (this.#nodeOfSink.has(from)) return [from];
    const reached = this.#passing.downstreamOf(from);
    return [...this.#nodeOfSink].flatMap(([sink, node]) => (reached.has(node) ? [sink] : []));
  }

  #passes({ from, fromPort }: PlanLink): boolean {
    const node = this.#plan.nodes[from];
    return !turnsAway(fromPort) && !(node?.kind === "operator" && node.operator.makes?.includes(fromPort));
  }
}
