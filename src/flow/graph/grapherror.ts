/** A graph that cannot be built or used as asked: a cycle, a name that is unknown or taken. */
export class GraphError extends Error {
  /** Always "GraphError". */
  override readonly name = "GraphError";
  /** Stable: test this rather than the class, which may be installed twice. */
  readonly code = "ERR_GRAPH";
  /** Names of the nodes concerned; of a cycle, in its direction. */
  readonly nodes: readonly string[];

  constructor(message: string, nodes: readonly string[]) {
    super(message);
    this.nodes = nodes;
  }
}
