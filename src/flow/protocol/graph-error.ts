/** One port of one node. The input `in` has any output port, an output `out/<port>` has any input port. */
export interface PortRef {
  /** The name of an operator, `in`, or `out/<port>`. */
  readonly node: string;
  /** The name of one of its ports. */
  readonly port: string;
}

/** A link by the names of its ends. */
export interface GraphLink {
  /** The output port that events leave by. */
  readonly from: PortRef;
  /** The input port that they come to. */
  readonly to: PortRef;
}

/** One thing that is wrong with a graph. */
export interface GraphFault {
  /** One sentence. */
  readonly message: string;
  /** Names of the nodes concerned; of a cycle, in its direction. */
  readonly nodes: readonly string[];
  /** The links concerned: those of a cycle, in its direction, or the one that was made twice or has no end. Else empty. */
  readonly links: readonly GraphLink[];
}

/** A graph that cannot be built or used as asked: a cycle, a name that is unknown or taken. */
export class GraphError extends Error implements GraphFault {
  /** Always "GraphError". */
  override readonly name = "GraphError";
  /** Stable: test this rather than the class, which may be installed twice. */
  readonly code = "ERR_GRAPH";
  /** Names of the nodes concerned by the first fault. */
  readonly nodes: readonly string[];
  /** The links concerned by the first fault. */
  readonly links: readonly GraphLink[];
  /** Every fault that was found, the first one included, in the order of nodes and links. */
  readonly faults: readonly GraphFault[];

  /** @param further faults that were found after the one of the message */
  constructor(
    message: string,
    nodes: readonly string[],
    links: readonly GraphLink[] = [],
    further: readonly GraphFault[] = [],
  ) {
    super(message);
    this.nodes = nodes;
    this.links = links;
    this.faults = [{ message, nodes, links }, ...further];
  }
}
