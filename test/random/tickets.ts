/** The tickets of one breaker that a random case may report: in time, late, twice, or never. */

import type { TicketChoice } from "./step.ts";

/** More than this are forgotten, the oldest first: lost, as tickets are. */
const TICKETS_KEPT = 100;

/** See the file. */
export class Tickets {
  readonly #waiting: number[] = [];
  readonly #reported: number[] = [];

  add(ticket: number): void {
    keep(this.#waiting, ticket);
  }

  /** Loses all of them: those who held them are gone. */
  clear(): void {
    this.#waiting.length = 0;
    this.#reported.length = 0;
  }

  /** A ticket to report now, or undefined when there never was one. `index`: which, where it could be any. */
  take(choice: TicketChoice, index: number): number | undefined {
    const waiting = this.#waiting;
    if (choice === "reported" || waiting.length === 0) {
      const reported = this.#reported;
      return reported.length === 0 ? undefined : reported.at(-1 - (index % reported.length));
    }
    const at = { newest: waiting.length - 1, oldest: 0, any: index % waiting.length }[choice];
    const [ticket] = waiting.splice(at, 1);
    if (ticket !== undefined) keep(this.#reported, ticket);
    return ticket;
  }
}

function keep(list: number[], ticket: number): void {
  list.push(ticket);
  if (list.length > TICKETS_KEPT) list.shift();
}
