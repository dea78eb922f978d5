/** The breakers that the page knows of, as the latest message left them. */
import {
  MINUTE,
  type Minutes,
  MODES,
  NONE,
  type OverviewMessage,
  type Row,
  STATES,
  type Sums,
} from "../protocol.ts";

/** How a breaker is, in one word: its mode where that decides, else its state; "throttled": closed, and not all calls pass. */
export type Condition = "open" | "half-open" | "throttled" | "forced-open" | "shadow" | "disabled" | "closed";

/** Worst first. */
export const CONDITIONS: readonly Condition[] = [
  "open",
  "half-open",
  "throttled",
  "forced-open",
  "closed",
  "shadow",
  "disabled",
];

/** A rate below this, in ‱, is trouble that has not opened the breaker. */
export const POOR_RATE = 9_500;

/** One breaker of the table. */
export class Breaker {
  readonly name: string;
  /** For the search. */
  readonly key: string;
  condition: Condition = "closed";
  share = 1_000;
  rate = NONE;
  succeeded = NONE;
  failed = NONE;
  refused = NONE;
  /** So few calls in its window that its success rate says nothing. */
  hasFew = true;
  retryAtMs = 0;
  /** Calls of the last minute, a second in three numbers: successes, failures, refusals. */
  readonly spark = new Float32Array(3 * MINUTE);
  /** Its sparkline has what was before the page was opened. */
  isFilled = false;

  constructor(name: string) {
    this.name = name;
    this.key = name.toLowerCase();
  }

  update(row: Row): void {
    const [
      ,
      state = 0,
      mode = 0,
      share = 0,
      rate = 0,
      succeeded = 0,
      failed = 0,
      refused = 0,
      few = 0,
      retryAtMs = 0,
    ] = row;
    this.condition = conditionOf(state, mode, share);
    Object.assign(this, { share, rate, succeeded, failed, refused, hasFew: few === 1, retryAtMs });
  }

  /** Moves the sparkline on by a second. */
  tick(): void {
    this.spark.copyWithin(0, 3);
    this.spark.set(
      [Math.max(0, this.succeeded), Math.max(0, this.failed), Math.max(0, this.refused)],
      3 * (MINUTE - 1),
    );
  }

  /** Puts the past into the sparkline. @param ago seconds since its last value. */
  fill(past: readonly number[], ago: number): void {
    if (ago >= 0 && 3 * ago < past.length) this.spark.set(past.slice(3 * ago));
  }

  /** Calls that passed, a second. */
  get calls(): number {
    return this.succeeded === NONE ? NONE : this.succeeded + this.failed;
  }

  get isPoor(): boolean {
    return this.condition === "closed" && !this.hasFew && this.rate !== NONE && this.rate < POOR_RATE;
  }

  /** Whether it deserves a look. */
  get isTrouble(): boolean {
    return CONDITIONS.indexOf(this.condition) < 4 || this.isPoor;
  }

  /** Order of trouble: worst first. Poor rates in steps of 5 %, so that rows do not jump with each call. */
  get rank(): number {
    const rank = 10 * CONDITIONS.indexOf(this.condition);
    return this.isPoor ? rank - 9 + 0.4 * Math.floor(this.rate / 500) : rank;
  }
}

/** See `Condition`. */
export function conditionOf(state: number, mode: number, share: number): Condition {
  const name = MODES[mode];
  if (name === "forced_open") return "forced-open";
  if (name === "disabled" || name === "shadow") return name;
  if (STATES[state] === "open") return "open";
  if (STATES[state] === "half_open") return "half-open";
  return share < 1_000 ? "throttled" : "closed";
}

/** See the file. */
export class Model {
  readonly breakers = new Map<number, Breaker>();
  sums: Sums | undefined;
  atMs = 0;
  #receivedAt = 0;
  #isFresh = true;

  /** A connection is new: the next message has everything. */
  restart(): void {
    this.#isFresh = true;
  }

  apply({ atMs, sums, names = [], rows = [], gone = [] }: OverviewMessage): void {
    const before = new Map<string, Breaker>();
    if (this.#isFresh) {
      for (const breaker of this.breakers.values()) before.set(breaker.name, breaker);
      this.breakers.clear();
      this.#isFresh = false;
    }
    this.atMs = atMs;
    this.sums = sums;
    this.#receivedAt = performance.now();
    for (const id of gone) this.breakers.delete(id);
    for (const [id, name] of names) this.breakers.set(id, before.get(name) ?? new Breaker(name));
    for (const row of rows) this.breakers.get(row[0])?.update(row);
    for (const breaker of this.breakers.values()) breaker.tick();
  }

  /** Ids of those breakers whose sparklines lack the past; they count as filled from now on. */
  unfilled(breakers: ReadonlySet<Breaker>): number[] {
    const ids: number[] = [];
    for (const [id, breaker] of this.breakers) {
      if (breaker.isFilled || !breakers.has(breaker)) continue;
      breaker.isFilled = true;
      ids.push(id);
    }
    return ids;
  }

  fill({ second, minutes }: Minutes): void {
    const ago = Math.floor(this.atMs / 1_000) - second;
    for (const [id, values] of minutes) this.breakers.get(id)?.fill(values, ago);
  }

  /** The time of the server, ms since 1970: the clock of this machine may differ. */
  now(): number {
    return this.atMs + (performance.now() - this.#receivedAt);
  }

  find(name: string): Breaker | undefined {
    for (const breaker of this.breakers.values()) if (breaker.name === name) return breaker;
    return undefined;
  }
}
