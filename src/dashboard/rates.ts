/** Rates from totals that only rise. */
import { type Counts, rounded } from "./history.ts";
import { NONE } from "./protocol.ts";

/** A second; NONE until two readings were taken. */
export type Rates = Counts;

const UNKNOWN: Rates = { succeeded: NONE, failed: NONE, refused: NONE };

/** The rates between the two latest readings. */
export class RatesOf {
  #before: (Counts & { readonly atMs: number }) | undefined;
  #rates = UNKNOWN;

  /** Reads counts at a time of the registry's clock. A clock that stands still changes no rate. */
  update({ succeeded, failed, refused }: Counts, atMs: number): Rates {
    const before = this.#before;
    const seconds = before ? (atMs - before.atMs) / 1_000 : 0;
    if (before && seconds <= 0) return this.#rates;
    this.#before = { succeeded, failed, refused, atMs };
    // Counts fall where a breaker was deleted and made anew.
    const rate = (now: number, then: number) => rounded(Math.max(0, now - then) / seconds);
    if (before) {
      this.#rates = {
        succeeded: rate(succeeded, before.succeeded),
        failed: rate(failed, before.failed),
        refused: rate(refused, before.refused),
      };
    }
    return this.#rates;
  }

  clear(): void {
    this.#before = undefined;
    this.#rates = UNKNOWN;
  }
}
