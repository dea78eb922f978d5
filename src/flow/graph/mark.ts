/**
 * The breadcrumbs that operators leave on events (tremor: `op_meta`).
 *
 * A mark is shared by every copy that is made of the event after it was left, so an operator holds one
 * mark for one event however often the event forks behind it. That is why the mark itself counts its
 * copies: who reads `holders` knows whether the last one has been answered.
 */

/** The crumb of an operator that wants to hear what became of an event: found again in the insight. */
export class Mark {
  /** Node of the graph that left it. */
  readonly node: number;
  /** What the operator wants to remember, such as a ticket. */
  readonly value: number;
  /** What else it wants to find again, such as the breaker that gave the ticket. */
  readonly about: unknown;
  /** The next older mark of the event. */
  readonly next: Mark | undefined;
  /** Copies that carry the mark and are not answered yet. Counted by the graph. */
  holders = 1;
  /** True once one of the copies was acked. Set by the graph. */
  acked = false;
  /** True once the operator has been told the outcome. Set by `outcomeOf`. */
  concluded = false;

  constructor(node: number, value: number, about: unknown, next: Mark | undefined) {
    this.node = node;
    this.value = value;
    this.about = about;
    this.next = next;
  }
}

/** The mark that `node` left, or undefined when it left none. */
export function findMark(marks: Mark | undefined, node: number): Mark | undefined {
  for (let mark = marks; mark !== undefined; mark = mark.next) {
    if (mark.node === node) return mark;
  }
  return undefined;
}

/** One more copy carries these marks. */
export function holdMarks(marks: Mark | undefined): void {
  for (let mark = marks; mark !== undefined; mark = mark.next) mark.holders++;
}

/** A copy that carried these marks is answered. */
export function dropMarks(marks: Mark | undefined, acked: boolean): void {
  for (let mark = marks; mark !== undefined; mark = mark.next) {
    mark.holders--;
    if (acked) mark.acked = true;
  }
}
