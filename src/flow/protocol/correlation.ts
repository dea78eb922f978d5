/**
 * Operators leave correlations on events, and find them again in the insight that answers the event (tremor: `op_meta`).
 *
 * A correlation is one call of the operator, however many copies of the event carry it. As long as only one event carries it,
 * the answer to that event is the outcome. Once the event forks, the correlation counts its copies: the outcome is known when
 * the last one is answered.
 */

export class Correlation {
  /** Node of the graph that left it. */
  readonly node: number;
  /** A number to find again, such as a ticket. */
  readonly value: number;
  /** Something else to find again, such as the breaker that gave the ticket. */
  readonly about: unknown;
  /** The next older correlation of the event. Replaced by the graph when the event forks. */
  next: Correlation | undefined;
  /** Copies of the event that carry it and are not answered yet. Counted by the graph, unless it is shared. */
  copies = 1;
  /** True once one of the copies was acked. Set by the graph. */
  acked = false;
  /** True once the outcome was reported. Set by `outcomeOf`. */
  reported = false;
  /**
   * Several events may carry it at once, none of which has forked: each answer is an outcome. It saves an object for each event
   * where node, value, `about` and `next` are the same.
   */
  readonly isShared: boolean;

  constructor(node: number, value: number, about: unknown, next: Correlation | undefined, isShared: boolean) {
    this.node = node;
    this.value = value;
    this.about = about;
    this.next = next;
    this.isShared = isShared;
  }
}

/** The correlation that `node` left, or undefined when it left none. */
export function findCorrelation(
  correlations: Correlation | undefined,
  node: number,
): Correlation | undefined {
  for (let correlation = correlations; correlation !== undefined; correlation = correlation.next) {
    if (correlation.node === node) return correlation;
  }
  return undefined;
}

/** The correlations of an event that forks: one more copy carries them. Those that were shared become its own. */
export function retainCorrelations(correlations: Correlation | undefined): Correlation | undefined {
  if (correlations === undefined) return undefined;
  const { node, value, about, next, isShared } = correlations;
  const counted = isShared ? new Correlation(node, value, about, next, false) : correlations;
  counted.copies++;
  counted.next = retainCorrelations(next);
  return counted;
}

/** A copy that carried these correlations is answered. */
export function releaseCorrelations(correlations: Correlation | undefined, acked: boolean): void {
  for (let correlation = correlations; correlation !== undefined; correlation = correlation.next) {
    if (correlation.isShared) continue;
    correlation.copies--;
    if (acked) correlation.acked = true;
  }
}

/** The outcome of an event that has a correlation, as a whole. */
export type Outcome = "ack" | "fail" | "release";

/**
 * The outcome of a correlation, once for each correlation although every copy is answered:
 * `fail` with the first copy that failed; else, with the last copy, `ack` if any was acked and `release` if
 * none was. undefined: not yet, or reported already.
 */
export function outcomeOf(
  correlation: Correlation,
  { kind }: { readonly kind: string },
): Outcome | undefined {
  if (correlation.isShared) return kind as Outcome;
  if (correlation.reported) return undefined;
  if (kind === "fail") {
    correlation.reported = true;
    return "fail";
  }
  if (correlation.copies > 0) return undefined;
  correlation.reported = true;
  return correlation.acked ? "ack" : "release";
}
