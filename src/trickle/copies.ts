/** How many events can come of one: every `select` that reads a stream gets a copy. */
import type { Topology } from "../flow/graph/topology.ts";
import { TrickleError } from "./diagnostic.ts";
import type { SourceText } from "./source.ts";
import type { Wire } from "./wires.ts";

/**
 * Events that may come of one, if every `where` lets it pass. A stream read by two selects that lead to the next
 * stream doubles them: forty such streams would keep a machine busy for days, with a single event.
 */
export const MAXIMUM_COPIES = 1_000_000;

/** Throws a TrickleError where one event could become too many. `names`: the nodes of `topology`. */
export function checkCopies(
  names: readonly string[],
  topology: Topology,
  wires: readonly Wire[],
  source: SourceText,
): void {
  const copies = new Map<string, number>();
  for (const number of topology.order.toReversed()) {
    const name = names[number] ?? "";
    const own = wires.filter((wire) => wire.from.node === name);
    const count = mostCopies(own, copies);
    const last = own.at(-1);
    if (count > MAXIMUM_COPIES && last !== undefined) throw tooMany(name, last, source);
    copies.set(name, count);
  }
}

/** An event leaves a node by one of its ports, and goes to everything that reads this port. */
function mostCopies(wires: readonly Wire[], copies: ReadonlyMap<string, number>): number {
  const sums = new Map<string, number>();
  for (const { from, to } of wires) {
    sums.set(from.port, (sums.get(from.port) ?? 0) + (copies.get(to.node) ?? 1));
  }
  return Math.max(1, ...sums.values());
}

function tooMany(name: string, wire: Wire, source: SourceText): TrickleError {
  const message = `one event in \`${name}\` could become more than ${MAXIMUM_COPIES} events`;
  return new TrickleError(source, wire.statement.at, message, {
    hint: "let fewer selects read the same stream",
  });
}
