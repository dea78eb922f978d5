/** The shape of a graph: which node lies before which. Nodes are numbers. */

/** From one node to another; several links between the same two nodes may differ in their ports. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

export class Topology {
  /** Every node before all nodes that it leads to. The same numbers and edges give the same order. */
  readonly order: readonly number[];
  /** The nodes of one cycle, in its direction; empty when there is none. Then `order` is complete. */
  readonly cycle: readonly number[];
  readonly #next: readonly (readonly number[])[];

  /** @param order of a graph that has these edges and others: it is not sorted again */
  constructor(nodeCount: number, edges: readonly Edge[], order?: readonly number[]) {
    const next = Array.from({ length: nodeCount }, () => new Set<number>());
    for (const { from, to } of edges) next[from]?.add(to);
    this.#next = next.map((nodes) => [...nodes]);
    this.order = order ?? sort(this.#next);
    this.cycle = this.order.length === nodeCount ? [] : findCycle(this.#next, new Set(this.order));
  }

  /** The nodes that `node` has links to. */
  next(node: number): readonly number[] {
    return this.#next[node] ?? [];
  }

  /** Every node that can reach `node`, the nearest first; it itself is the first of all. */
  upstreamOf(node: number): readonly number[] {
    const found = new Set([node]);
    for (const earlier of this.order.toReversed()) {
      if (this.next(earlier).some((later) => found.has(later))) found.add(earlier);
    }
    return [...found];
  }

  /** Every node that `node` can reach, it itself included. */
  downstreamOf(node: number): ReadonlySet<number> {
    const found = new Set([node]);
    for (const earlier of this.order) {
      if (found.has(earlier)) for (const later of this.next(earlier)) found.add(later);
    }
    return found;
  }
}

/** Kahn's algorithm (1962). Leaves out every node on a cycle or behind one. */
function sort(next: readonly (readonly number[])[]): number[] {
  const waitsFor = next.map(() => 0);
  for (const node of next.flat()) waitsFor[node] = (waitsFor[node] ?? 0) + 1;
  const order = [...next.keys()].filter((node) => waitsFor[node] === 0);
  for (const node of order) {
    for (const later of next[node] ?? []) {
      const left = (waitsFor[later] ?? 0) - 1;
      waitsFor[later] = left;
      if (left === 0) order.push(later);
    }
  }
  return order;
}

/** Walks backwards from an unsorted node, over unsorted nodes only: each has one before it, so it must come round. */
function findCycle(next: readonly (readonly number[])[], sorted: ReadonlySet<number>): number[] {
  const unsorted = [...next.keys()].filter((node) => !sorted.has(node));
  const path: number[] = [];
  let node = unsorted[0];
  while (node !== undefined && !path.includes(node)) {
    path.push(node);
    const here = node;
    node = unsorted.find((earlier) => next[earlier]?.includes(here));
  }
  return node === undefined ? [] : path.slice(path.indexOf(node)).reverse();
}
