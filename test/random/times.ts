/**
 * When the next step of a random case happens: said relative to what the breaker is waiting for, so that the
 * interesting instants (a deadline, the end of a lease, the end of a bucket) are met exactly and just missed.
 */

import { type BreakerModel, MAXIMUM_JUMP_MS, MAXIMUM_TIME_MS } from "../model/breaker.ts";
import type { ModelOptions } from "../model/options.ts";
import type { Choices } from "./generator.ts";

/** What a moment may look at. */
export interface Present {
  readonly clockMs: number;
  readonly model: BreakerModel;
  readonly options: ModelOptions;
}

/** The time that is passed to the next call, in ms; anything that a caller might pass. */
export type TimeChoice = (present: Present) => number;

const later =
  (byMs: number): TimeChoice =>
  ({ clockMs }) =>
    upToTheEnd(clockMs + byMs);
const exactly =
  (timeMs: number): TimeChoice =>
  () =>
    timeMs;
const justBefore =
  (moment: TimeChoice): TimeChoice =>
  (present) =>
    doubleBefore(moment(present));

const same: TimeChoice = ({ clockMs }) => clockMs;
const retry: TimeChoice = ({ clockMs, model }) => upToTheEnd(finiteOr(clockMs, model.openUntilMs));
const leaseEnd: TimeChoice = ({ clockMs, model }) => upToTheEnd(model.leaseEndMs ?? clockMs);
const rampStep: TimeChoice = ({ clockMs, model }) => upToTheEnd(model.rampStepMs ?? clockMs);
const bucketEnd: TimeChoice = ({ clockMs, options }) => boundary(clockMs, options, 1);
const windowEnd: TimeChoice = ({ clockMs, options }) =>
  boundary(clockMs, options, options.timeWindow?.buckets ?? 1);
/** When the calls of the current bucket hang. */
const hung: TimeChoice = ({ clockMs, options }) => {
  const { hungAfterMs = 0, windowMs = 1, buckets = 1 } = options.timeWindow ?? {};
  return boundary(clockMs, options, Math.ceil(hungAfterMs / (windowMs / buckets)) + 1);
};
const decayed: TimeChoice = ({ clockMs, options }) => upToTheEnd(clockMs + options.decayMs);

const HOUR_MS = 3_600_000;

/** Each as often as it stands here: mostly the same millisecond or soon after. */
const TIMES: readonly [TimeChoice, ...TimeChoice[]] = [
  ...repeat(same, 16),
  ...repeat(later(1), 8),
  ...repeat(later(0.25), 2),
  ...repeat(later(7.3), 3),
  ...repeat(later(60), 2),
  ...repeat(bucketEnd, 4),
  ...repeat(justBefore(bucketEnd), 2),
  ...repeat(windowEnd, 2),
  ...repeat(hung, 2),
  justBefore(hung),
  ...repeat(retry, 6),
  ...repeat(justBefore(retry), 2),
  ...repeat(rampStep, 2),
  justBefore(rampStep),
  ...repeat(leaseEnd, 2),
  ...repeat(justBefore(leaseEnd), 2),
  decayed,
  justBefore(decayed),
  later(-1),
  later(-HOUR_MS),
  later(HOUR_MS),
  later(MAXIMUM_JUMP_MS),
  later(MAXIMUM_JUMP_MS + 0.25),
  later(-MAXIMUM_JUMP_MS),
  later(15 * MAXIMUM_JUMP_MS),
  exactly(Number.NaN),
  exactly(Number.POSITIVE_INFINITY),
  exactly(Number.NEGATIVE_INFINITY),
  exactly(2 * MAXIMUM_TIME_MS),
];

/** One of the moments. */
export function momentFrom(choices: Choices): TimeChoice {
  return choices.pick(TIMES);
}

/** Could a clock show that? */
export function isTime(timeMs: number): boolean {
  return timeMs >= 0 && timeMs <= MAXIMUM_TIME_MS;
}

function repeat(moment: TimeChoice, times: number): [TimeChoice, ...TimeChoice[]] {
  return [moment, ...new Array<TimeChoice>(times - 1).fill(moment)];
}

/** The bucket that holds the end of time is a whole one: shortly after the end is not worth a rule. */
function upToTheEnd(timeMs: number): number {
  return Math.min(timeMs, MAXIMUM_TIME_MS);
}

function finiteOr(otherwise: number, timeMs: number | undefined): number {
  return timeMs !== undefined && Number.isFinite(timeMs) ? timeMs : otherwise;
}

function boundary(clockMs: number, { timeWindow }: ModelOptions, bucketsLater: number): number {
  if (!timeWindow) return clockMs;
  const bucketMs = timeWindow.windowMs / timeWindow.buckets;
  return upToTheEnd((Math.floor(clockMs / bucketMs) + bucketsLater) * bucketMs);
}

function doubleBefore(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return value;
  const bits = new BigUint64Array(new Float64Array([value]).buffer);
  bits[0] = (bits[0] ?? 1n) - 1n;
  return new Float64Array(bits.buffer)[0] ?? value;
}
