/** Plays a random case of the core's tests to the models alone, and writes down what they show. */

import { type CircuitBreakerOptions, FAILURE, NONE, RELEASE, SUCCESS } from "../../src/entry/main.ts";
import { BreakerModel, type ModelOutcome } from "../model/breaker.ts";
import { ClockModel } from "../model/clock.ts";
import type { ModelEvent } from "../model/event.ts";
import type { ModelMode, ModelOptions } from "../model/options.ts";
import { RandomModel } from "../model/random.ts";
import type { ModelSnapshot } from "../model/snapshot.ts";
import type { Case as RandomCase } from "../random/case.ts";
import { coverChange, coverEvent } from "../random/coverage.ts";
import type { Step as Order } from "../random/step.ts";
import { Tickets } from "../random/tickets.ts";
import { isTime } from "../random/times.ts";
import { nameAt } from "./names.ts";
import { EVENT_FIELDS } from "./player.mjs";
import type { Case, Entry, Step } from "./script.ts";

/** Of a breaker that an import has made: its first generation is over when it gets its state. */
const GENERATION_AFTER_MOVE = 2;
const BATCH_SIZE = 8;
const MODES: Readonly<Record<string, ModelMode>> = {
  enable: "enabled",
  disable: "disabled",
  forceOpen: "forced_open",
  shadow: "shadow",
};
const OUTCOMES: Readonly<Record<string, ModelOutcome>> = {
  onSuccess: "success",
  onFailure: "failure",
  release: "release",
  [SUCCESS]: "success",
  [FAILURE]: "failure",
  [RELEASE]: "release",
};

/** One breaker of the case. */
class Role {
  readonly model: BreakerModel;
  readonly options: ModelOptions;
  readonly tickets = new Tickets();
  #shown: ModelSnapshot | undefined;

  constructor(options: ModelOptions, random: RandomModel) {
    this.options = options;
    this.model = new BreakerModel(options, random);
  }

  /** What a look shows that the one before did not; undefined when nothing. */
  change(nowMs: number, meet: (thing: string) => void): Readonly<Record<string, unknown>> | undefined {
    const before = this.#shown;
    const now = this.model.snapshot(nowMs);
    if (before) coverChange(before, now, meet);
    this.#shown = now;
    const changed = Object.entries(now).filter(
      ([name, value]) => !before || !isSame(value, before[name as keyof ModelSnapshot]),
    );
    return changed.length === 0
      ? undefined
      : Object.fromEntries(
          changed.map(([name, value]) => [
            name,
            name === "totals" ? changesOf(before?.totals, now.totals) : (value ?? null),
          ]),
        );
  }
}

/** The totals that have changed. */
function changesOf(before: ModelSnapshot["totals"] | undefined, now: ModelSnapshot["totals"]): object {
  const isNew = ([name, value]: [string, unknown]) =>
    !before || !isSame(value, before[name as keyof typeof now]);
  return Object.fromEntries(Object.entries(now).filter(isNew));
}

/** Totals are an object, made anew for each look. */
function isSame(one: unknown, other: unknown): boolean {
  return Object.is(one, other) || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other));
}

/** See the file. */
export class Recorder {
  readonly #random = new RandomModel(0n);
  readonly #roles: readonly Role[];
  readonly #case: RandomCase;
  readonly #meet: (thing: string) => void;
  #clockMs: number;
  #clock: ClockModel;

  /** `meet` is told the names of the things that the case shows. */
  constructor(random: RandomCase, meet: (thing: string) => void) {
    this.#case = random;
    this.#meet = meet;
    this.#clockMs = random.startMs;
    this.#clock = new ClockModel(random.startMs);
    this.#random.reseed(BigInt(random.seed));
    this.#roles = random.breakers.map((options) => new Role(options, this.#random));
  }

  /**
   * The whole case.
   * @param from where it comes from
   * @param firstName which name its first breaker has
   * @param spell says options in the library's words
   */
  record(from: number, firstName: number, spell: (options: ModelOptions) => CircuitBreakerOptions): Case {
    const { seed, startMs, breakers } = this.#case;
    return {
      from,
      seed,
      startMs,
      breakers: breakers.map((options, index) => ({
        name: nameAt(firstName + index),
        options: spell(options),
      })),
      steps: this.#case.steps.flatMap((order) => this.#step(order) ?? []),
    };
  }

  /** Undefined where nothing can be done: no ticket to report. */
  #step(order: Order): Step | Step[] | undefined {
    if (order.operation === "move") return this.#move(order);
    const of = order.breaker % this.#roles.length;
    const role = this.#roleAt(of);
    const readingMs = order.moment({ clockMs: this.#clockMs, model: role.model, options: role.options });
    const says = isTime(readingMs) && order.index % 2 === 0;
    // Else what the library makes of that reading of its clock.
    const clock = this.#clock.copy();
    const nowMs = says ? readingMs : clock.read(readingMs);
    const { latestMs, generation } = role.model;
    const done = this.#perform(order, of, nowMs);
    if (done === undefined) return undefined;
    this.#clock = clock;
    this.#meet(order.operation);
    if (isTime(readingMs) && readingMs < this.#clockMs) this.#meet("clock going back");
    if (role.model.latestMs < latestMs) this.#meet("reset to an earlier time");
    if (isTime(nowMs) && !/look|Batch/.test(order.operation) && role.model.latestMs < nowMs)
      this.#meet("a time too far ahead");
    if (
      order.operation === "check" &&
      role.model.state === "half_open" &&
      role.model.generation !== generation
    )
      this.#meet("half-open by check");
    if (isTime(readingMs) && order.operation !== "look") this.#clockMs = readingMs;
    return { do: order.operation, at: nowMs, ...(says && { says }), ...done, ...this.#looks(nowMs) };
  }

  #perform(order: Order, of: number, nowMs: number): Partial<Step> | undefined {
    const { operation } = order;
    const { model, tickets } = this.#roleAt(of);
    if (operation === "acquireBatch") return this.#acquireBatch(order, nowMs);
    if (operation === "reportBatch") return this.#reportBatch(order, nowMs);
    if (operation in OUTCOMES) {
      const ticket = tickets.take(order.ticket, order.index);
      return ticket === undefined ? undefined : { of, ...this.#report(order, of, ticket, nowMs) };
    }
    if (operation === "tryAcquire") {
      const gives = model.tryAcquire(nowMs);
      if (gives !== 0) tickets.add(gives);
      return { of, gives };
    }
    if (operation === "trip") {
      const holdMs = order.index % 2 === 0 ? 0 : order.index % 5_000;
      model.trip(nowMs, holdMs);
      return { of, ...(holdMs > 0 && { holdMs }) };
    }
    const mode = MODES[operation];
    if (mode) model.setMode(mode, nowMs);
    else if (operation === "reset") model.reset(nowMs);
    else if (operation === "check") model.check(nowMs);
    return { of };
  }

  #report(
    { operation, durationMs, weight, holdMs, error }: Order,
    of: number,
    ticket: number,
    nowMs: number,
  ): Partial<Step> {
    const outcome = OUTCOMES[operation]!; // the caller has looked
    if (outcome === "release") {
      this.#roleAt(of).model.report(ticket, outcome, nowMs);
      return { ticket };
    }
    if (outcome === "success") {
      this.#roleAt(of).model.report(ticket, outcome, nowMs, durationMs, weight);
      return { ticket, ...costs(weight, durationMs) };
    }
    this.#roleAt(of).model.report(ticket, outcome, nowMs, durationMs, weight, holdMs, error);
    return { ticket, ...costs(weight, durationMs), ...(holdMs > 0 && { holdMs }), ...(error && { error }) };
  }

  #acquireBatch({ index }: Order, nowMs: number): Partial<Step> {
    const entries = this.#cast(index).map((of) => ({ of }));
    const gives = entries.map(({ of }) => {
      const { model, tickets } = this.#roleAt(of);
      const ticket = model.tryAcquire(nowMs);
      if (ticket !== 0) tickets.add(ticket);
      return ticket;
    });
    const admitted = gives.filter((ticket) => ticket !== 0).length;
    if (admitted > 0 && admitted < gives.length) this.#meet("a batch admitted in part");
    return { entries, gives };
  }

  #reportBatch(order: Order, nowMs: number): Partial<Step> {
    const weighted = order.index % 3 === 0;
    this.#meet(weighted ? "weights in a batch" : "no weights in a batch");
    const entries = this.#cast(order.index).map((of, index): Entry => {
      const taken = index % 5 === 4 ? undefined : this.#roleAt(of).tickets.take(order.ticket, order.index);
      const outcome = outcomeAt(order, index);
      if (taken === undefined) this.#meet("a call in a batch that nobody admitted");
      this.#meet(`${OUTCOMES[outcome] ?? "none"} in a batch`);
      return { of, ticket: taken ?? 0, outcome, ...(weighted && costs(order.weight, order.durationMs)) };
    });
    for (const { of, ticket = 0, outcome = NONE, weight = 1, ms } of entries) {
      const { model } = this.#roleAt(of);
      const reported = OUTCOMES[outcome];
      if (reported) model.report(ticket || model.plainTicket, reported, nowMs, ms, weight);
    }
    if (this.#roles.some(({ model }) => model.events.length > 0))
      this.#meet("a batch that causes a transition");
    return { entries };
  }

  #move({ index }: Order): Step[] {
    this.#meet("move");
    const nowMs = Math.max(this.#clockMs, ...this.#roles.map(({ model }) => model.latestMs));
    this.#clockMs = nowMs;
    // The export must be of that time, however far ahead it is.
    const checks: Step[] = [];
    for (const [of, { model }] of this.#roles.entries()) {
      while (model.latestMs < nowMs) {
        model.check(nowMs);
        checks.push({ do: "check", at: nowMs, says: true, of, ...this.#looks(nowMs) });
      }
    }
    for (const { model } of this.#roles) model.check(nowMs);
    const tells = this.#tells();
    this.#random.reseed(BigInt(index));
    this.#clock = new ClockModel(nowMs);
    for (const { model, tickets } of this.#roles) {
      const { state, mode } = model.snapshot(nowMs);
      this.#meet(`moved, ${mode} ${state}`);
      model.move(GENERATION_AFTER_MOVE);
      tickets.clear();
    }
    return [...checks, { do: "move", at: nowMs, says: true, seed: index, ...tells, ...this.#looks(nowMs) }];
  }

  /** What all breakers show and tell after a step. */
  #looks(nowMs: number): Pick<Step, "shows" | "tells"> {
    const changes = this.#roles.map((role, index) => [index, role.change(nowMs, this.#meet)] as const);
    const changed = changes.filter(([, change]) => change !== undefined);
    return {
      ...(changed.length > 0 && { shows: Object.fromEntries(changed) as NonNullable<Step["shows"]> }),
      ...this.#tells(),
    };
  }

  #tells(): Pick<Step, "tells"> {
    const told = this.#roles.map((role, index) => [index, this.#takeEvents(role)] as const);
    const telling = told.filter(([, events]) => events.length > 0);
    return telling.length > 0 ? { tells: Object.fromEntries(telling) } : {};
  }

  #takeEvents({ model, options }: Role): unknown[][] {
    return model.events.splice(0).map((event) => {
      coverEvent(event, options, this.#meet);
      return EVENT_FIELDS.map((field) => event[field as keyof ModelEvent]);
    });
  }

  /** The breakers of a batch: each of them several times, in and out of order. */
  #cast(index: number): number[] {
    const count = (index >> 1) % (BATCH_SIZE + 1);
    this.#meet(count === 0 ? "empty batch" : "part of a batch");
    return Array.from({ length: count }, (_, entry) => ((index + entry) >> 1) % this.#roles.length);
  }

  #roleAt(index: number): Role {
    return this.#roles[index]!; // whoever asks has taken the remainder
  }
}

/** Only what is not the default is written. */
function costs(weight: number, ms: number | undefined): Pick<Step, "ms" | "weight"> {
  return { ...(ms !== undefined && { ms }), ...(weight !== 1 && { weight }) };
}

function outcomeAt(order: Order, index: number): number {
  const choice = (order.index + index * 7) % 16;
  if (choice === 14) return RELEASE;
  if (choice === 15) return NONE;
  return order.fails(index) ? FAILURE : SUCCESS;
}
