/** What random cases must meet, so that they prove something: counted while they are played. */

import { CAUSES as ALL_CAUSES } from "../../src/breaker/events.ts";
import type { ModelEvent } from "../model/event.ts";
import type { ModelOptions } from "../model/options.ts";
import type { ModelSnapshot } from "../model/snapshot.ts";
import { backoffOf } from "./options.ts";

type Meet = (thing: string) => void;

/** Counts things by name. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  readonly meet: Meet = (thing) => {
    this.#counts.set(thing, (this.#counts.get(thing) ?? 0) + 1);
  };

  /** Which of them were never met. */
  missing(things: readonly string[]): string[] {
    return things.filter((thing) => !this.#counts.has(thing));
  }
}

/** Names what a transition shows. */
export function coverEvent(event: ModelEvent, options: ModelOptions, meet: Meet): void {
  meet(event.kind);
  meet(`${event.cause}, ${event.mode}`);
  meet(`${event.from} to ${event.to}`);
  if (event.cause === "tripped") meet(`tripped, ${event.from} to ${event.to}`);
  if (event.lastError) meet("opened by an error");
  if (event.cause === "mode" || event.cause === "reset" || event.kind !== "opened") return;
  meet(`${options.jitter} jitter at level ${Math.min(event.level, 3)}`);
  if (event.cause !== "tripped") meet(`${detectorsOf(options)}: ${event.cause}`);
  meet(`${backoffOf(options).kind} backoff, ${options.jitter} jitter`);
}

function detectorsOf({ timeWindow, countWindow, consecutiveFailures }: ModelOptions): string {
  return [timeWindow && "time", countWindow && "count", consecutiveFailures && "row"]
    .filter(Boolean)
    .join(" + ");
}

/** Names what two looks show, one before and one after a step. */
export function coverChange(before: ModelSnapshot, after: ModelSnapshot, meet: Meet): void {
  if (after.late > before.late) meet("late result");
  if (after.refused > before.refused) meet(`refused, ${after.mode} ${after.state}`);
  if (after.generation !== before.generation) {
    if (after.generation < before.generation) meet("generations starting again");
    return;
  }
  if (after.level < before.level) meet("level falling with healthy time");
  if (after.calls < before.calls) meet("calls leaving the window");
  if (after.retryAfterMs > before.retryAfterMs) meet("open for longer");
  if (after.share > before.share && after.share < 1) meet("share growing");
  if (after.refused > before.refused && after.share > 0 && after.share < 1) meet("refused by the share");
  if (after.calls > before.calls && after.share > 0 && after.share < 1) meet("counted while returning");
  if (after.hung > before.hung) meet("calls beginning to hang");
  if (after.hung < before.hung && after.calls === before.calls)
    meet("calls that hang forgotten or given back");
  if (after.hung < before.hung && after.calls > before.calls) meet("calls that hang ending");
}

/** Of the model's events: every cause but those of switches, and those of detectors first. */
const CAUSES = ALL_CAUSES.filter((cause) => cause !== "mode" && cause !== "reset");
const CAUSES_OF_DETECTORS = {
  time: [...CAUSES.slice(0, 2), "hung_calls"],
  count: CAUSES.slice(2, 4),
  row: CAUSES.slice(4, 5),
  "time + count": [...CAUSES.slice(0, 4), "hung_calls"],
  "time + row": [...CAUSES.slice(0, 2), ...CAUSES.slice(4, 6)],
  "count + row": CAUSES.slice(2, 5),
  "time + count + row": CAUSES.slice(0, 6),
};
const BACKOFFS = ["constant", "exponential", "steps", "function", "iterable"];
const MODES = ["enabled", "disabled", "forced_open", "shadow"];

/** Everything that points 1 to 6 of the core's contract name and a random case can show. */
export const THINGS: readonly string[] = [
  ...["opened", "closed", "half_opened", "enabled", "disabled", "shadowed", "reset", "throttled", "restored"],
  ...CAUSES.flatMap((cause) => [`${cause}, enabled`, `${cause}, shadow`]),
  ...MODES.flatMap((mode) => [`mode, ${mode}`, `reset, ${mode}`]),
  ...Object.entries(CAUSES_OF_DETECTORS).flatMap(([detectors, causes]) =>
    causes.map((cause) => `${detectors}: ${cause}`),
  ),
  ...["none", "equal", "full", "decorrelated"].flatMap((jitter) => [
    ...[1, 2, 3].map((level) => `${jitter} jitter at level ${level}`),
    ...BACKOFFS.map((backoff) => `${backoff} backoff, ${jitter} jitter`),
  ]),
  ...["tryAcquire", "onSuccess", "onFailure", "release", "check", "look", "trip"],
  ...["enable", "disable", "forceOpen", "shadow", "acquireBatch", "reportBatch", "configure"],
  ...["closed", "open", "half_open"].flatMap((state) => [
    `configured, ${state}, in place`,
    `configured, ${state}, moved`,
  ]),
  ...["in place", "moved"].map((how) => `configured, ${how}, with calls in its window`),
  "opened by new options",
  "closed by new options",
  ...["refused, enabled open", "refused, enabled half_open", "refused, forced_open open"],
  "refused, shadow closed",
  "late result",
  "opened by an error",
  "open for longer",
  ...["share growing", "refused by the share", "counted while returning", "half_open to half_open"],
  "calls beginning to hang",
  "calls that hang ending",
  "calls that hang forgotten or given back",
  "clock going back",
  "reset to an earlier time",
  "a time too far ahead",
  "half-open by check",
  "tripped, closed to open",
  "tripped, half_open to open",
  "calls leaving the window",
  "level falling with healthy time",
  ...["moved, enabled closed", "moved, enabled open", "moved, enabled half_open", "moved, shadow closed"],
  ...["moved, disabled closed", "moved, forced_open open", "move"],
  ...["SUCCESS", "FAILURE", "RELEASE", "NONE"].map((outcome) => `${outcome} in a batch`),
  ...["weights in a batch", "no weights in a batch", "part of a batch", "empty batch"],
  ...[
    "a batch admitted in part",
    "a batch that causes a transition",
    "a call in a batch that nobody admitted",
  ],
];
