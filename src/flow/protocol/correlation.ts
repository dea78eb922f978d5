/**
 * The breadcrumbs that operators leave on events (tremor: `op_meta`).
 *
 * A correlation is shared by every copy that is made of the event after it was left, so an operator holds one
 * correlation for one event however often the event forks behind it. That is why the correlation itself counts its
 * copies: who reads `holders` knows whether the last one has been answered.
 */

/** The crumb of an operator that wants to hear what became of an event: found again in the insight. */
export class Correlation {
  /** Node of the graph that left it. */
  readonly node: number;
  /** What the operator wants to remember, such as a ticket. */
  readonly value: number;
  /** What else it wants to find again, such as the breaker that gave the ticket. */
  readonly about: unknown;
  /** The next older correlation of the event. */
  readonly next: Correlation | undefined;
  /** Copies that carry the correlation and are not answered yet. Counted by the graph. */
  holders = 1;
  /** True once one of the copies was acked. Set by the graph. */
  acked = false;
  /** True once the operator has been told the outcome. Set by `outcomeOf`. */
  reported = false;

  constructor(node: number, value: number, about: unknown, next: Correlation | undefined) {
    this.node = node;
    this.value = value;
    this.about = about;
    this.next = next;
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

/** One more copy carries these correlations. */
export function retainCorrelations(correlations: Correlation | undefined): void {
  for (let correlation = correlations; correlation !== undefined; correlation = correlation.next)
    correlation.holders++;
}

/** A copy that carried these correlations is answered. */
export function releaseCorrelations(correlations: Correlation | undefined, acked: boolean): void {
  for (let correlation = correlations; correlation !== undefined; correlation = correlation.next) {
    correlation.holders--;
    if (acked) correlation.acked = true;
  }
}
