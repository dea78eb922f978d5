/** How the conductor speaks with whoever has a case ready: another process, or a worker of a page. */
import type { Answer, Assignment, Order } from "./protocol.ts";

/** The other end prepares its case, says "ready", and from then on answers one order at a time. */
export interface Line {
  /** What it says when it is ready, or why it never will be. */
  readonly greeting: Promise<Answer>;
  /** Gives an order; rejects when there will be no answer. */
  ask(order: Order): Promise<Answer>;
  /** Ends whoever is there. */
  end(): void;
}

/** Starts whoever is to have a case ready. */
export type OpenLine = (assignment: Assignment) => Line;
