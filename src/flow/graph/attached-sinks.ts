/** The sinks of a graph: those at its ports, and the one for events that these fail. */
import { DISPOSITION, type Disposition } from "../protocol/event.ts";
import { GraphError } from "../protocol/graph-error.ts";
import { dispositionAtSink } from "../protocol/port-name.ts";
import type { Sink } from "../protocol/source-and-sink.ts";
import { DeadLetterNode } from "./dead-letter.ts";
import type { GraphCore } from "./graph-core.ts";
import { SinkNode } from "./sink-node.ts";
import type { Wiring } from "./wiring.ts";

export class AttachedSinks {
  readonly #graph: GraphCore;
  readonly #wiring: Wiring;
  readonly #all: SinkNode[] = [];
  #deadLetter: DeadLetterNode | undefined;

  constructor(graph: GraphCore, wiring: Wiring) {
    this.#graph = graph;
    this.#wiring = wiring;
  }

  /** In the order in which they were attached. */
  get all(): readonly SinkNode[] {
    return this.#all;
  }

  /** Without the one for events that others fail. */
  get atPorts(): readonly SinkNode[] {
    return this.#all.filter((sink) => sink !== this.#deadLetter);
  }

  /** Events that sinks were handed so far. */
  get handed(): number {
    return this.#all.reduce((sum, node) => sum + node.handed, 0);
  }

  /** @throws GraphError when the sink is attached already */
  attach(node: number, port: string, sink: Sink): void {
    const { number, listeners } = this.#placeOf(node, sink);
    const attached = new SinkNode(number, node, sink, listeners, dispositionAtSink(port), this.#graph);
    this.#all.push(attached);
    this.#graph.reach.addSink(number, node);
  }

  /** @throws GraphError when the sink is attached already, or there is one for failed events */
  attachDeadLetter(node: number, sink: Sink): void {
    if (this.#deadLetter !== undefined) throw new GraphError("failed events have a sink already", []);
    const { number, listeners } = this.#placeOf(node, sink);
    const disposition: Disposition = DISPOSITION.failed;
    this.#deadLetter = new DeadLetterNode(number, node, sink, listeners, disposition, this.#graph);
    this.#all.push(this.#deadLetter);
    this.#graph.ends.attachDeadLetter(this.#deadLetter);
  }

  #placeOf(node: number, sink: Sink): Pick<SinkNode, "number" | "listeners"> {
    if (this.#all.some((known) => known.sink === sink)) {
      throw new GraphError(`the sink ${sink.name} is attached already`, []);
    }
    return {
      number: this.#graph.plan.nodes.length + this.#all.length,
      listeners: this.#wiring.listenersAt(node),
    };
  }
}
