/** One step of a random case: what is done, to which of several breakers, with which ticket, when. */

import { Choices } from "./generator.ts";
import { momentFrom, type TimeChoice } from "./times.ts";

/** What can be done to a breaker. */
export type Operation =
  | "tryAcquire"
  | "onSuccess"
  | "onFailure"
  | "release"
  | "check"
  | "look"
  | "trip"
  | "enable"
  | "disable"
  | "forceOpen"
  | "shadow"
  | "reset"
  | "configure"
  | "acquireBatch"
  | "reportBatch"
  | "move";

/** Which of the tickets that were issued: still to be reported, or reported already. */
export type TicketChoice = "newest" | "oldest" | "reported" | "any";

/** See the file. */
export interface Step {
  /** Index of the breaker, modulo how many there are. */
  readonly breaker: number;
  readonly operation: Operation;
  readonly moment: TimeChoice;
  readonly ticket: TicketChoice;
  /** Which, where there are several. */
  readonly index: number;
  readonly durationMs: number | undefined;
  readonly weight: number;
  /** Of a failure: how long it asks the breaker to stay open, ms. */
  readonly holdMs: number;
  /** Of a failure: its message. */
  readonly error: string | undefined;
  /** Of the calls that a batch reports, has the one at that index failed? */
  fails(index: number): boolean;
}

/** How many numbers one step is made of. */
export const STEP_NUMBERS = 8;

type Shares<T> = readonly (readonly [T, number])[];

const OPERATIONS = spread<Operation | "report">([
  ["tryAcquire", 38],
  ["report", 52],
  ["release", 3],
  ["check", 3],
  ["look", 3],
  ["trip", 2],
  ["acquireBatch", 3],
  ["reportBatch", 5],
]);
/** Rare: each of them starts everything over. */
const SWITCHES = spread<Operation>([
  ["enable", 2],
  ["disable", 1],
  ["forceOpen", 1],
  ["shadow", 1],
  ["reset", 1],
  ["move", 1],
]);
const ONE_IN = 60;

const TICKETS = spread<TicketChoice>([
  ["newest", 10],
  ["oldest", 4],
  ["any", 2],
  ["reported", 1],
]);
const DURATIONS = spread<number | undefined>([
  [undefined, 6],
  [0, 1],
  [0.5, 1],
  [10, 1],
  [10.5, 1],
  [5_000, 2],
  [Number.NaN, 1],
  [Number.POSITIVE_INFINITY, 1],
]);
const WEIGHTS = spread<number>([
  [1, 12],
  [2, 2],
  [3, 1],
  [17, 1],
  [1_000_000, 1],
]);

/**
 * Reads a step out of STEP_NUMBERS numbers. `failingPercent`: of the calls that are reported, so many have failed.
 * `configures`: some steps give other options.
 */
export function stepFrom(numbers: readonly number[], failingPercent: number, configures = false): Step {
  const choices = new Choices(numbers);
  const [operations, switches, fate] = [choices.number(), choices.number(), choices.number()];
  const operation = switches % ONE_IN === ONE_IN - 1 ? at(SWITCHES, operations) : at(OPERATIONS, operations);
  const fails = (index: number) => (fate + index * 37) % 100 < failingPercent;
  const reported = fails(0) ? "onFailure" : "onSuccess";
  const isChange = configures && switches % ONE_IN === ONE_IN - 2;
  const [moment, ticket, index] = [momentFrom(choices), choices.pick(TICKETS), choices.number()];
  return {
    operation: isChange ? "configure" : operation === "report" ? reported : operation,
    fails,
    ...{ moment, ticket, index },
    holdMs: index % 5 === 0 ? index : 0,
    error: index % 3 === 0 ? undefined : `failure ${index}`,
    durationMs: choices.pick(DURATIONS),
    ...weightAndBreaker(choices.number()),
  };
}

function weightAndBreaker(number: number): { weight: number; breaker: number } {
  return { breaker: number % 3, weight: at(WEIGHTS, Math.floor(number / 3)) };
}

function at<T>(list: readonly [T, ...T[]], number: number): T {
  return list[number % list.length] ?? list[0];
}

function spread<T>(shares: Shares<T>): [T, ...T[]] {
  const [first, ...rest] = shares.flatMap(([value, share]) => new Array<T>(share).fill(value));
  return [first as T, ...rest];
}
