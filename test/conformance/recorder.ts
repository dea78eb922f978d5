/** Plays a random case of the core's tests to the models alone, and writes down what they show. */

import { type CircuitBreakerOptions, FAILURE, NONE, RELEASE, SUCCESS } from "../../src/entry/main.ts";
import { isTime } from "../core/moment.ts";
import type { Step as Order } from "../core/step.ts";
import { meetChange, meetEvent } from "../core/tally.ts";
import { Tickets } from "../core/tickets.ts";
import type { Trial } from "../core/trial.ts";
import { BreakerModel, MAXIMUM_TIME_MS, type ModelOutcome } from "../model/breaker.ts";
import type { ModelEvent } from "../model/event.ts";
import type { ModelMode, ModelOptions } from "../model/options.ts";
import { RandomModel } from "../model/random.ts";
import type { ModelSnapshot } from "../model/snapshot.ts";
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
    if (before) meetChange(before, now, meet);
    this.#shown = now;
    const changed = Object.entries(now).filter(
      ([name, value]) => !before || !Object.is(value, before[name as keyof ModelSnapshot]),
    );
    return changed.length === 0 ? undefined : Object.fromEntries(changed);
  }
}

/** See the file. */
export class Recorder {
  readonly #random = new RandomModel(0n);
  readonly #roles: readonly Role[];
  readonly #trial: Trial;
  readonly #meet: (thing: string) => void;
  #clockMs: number;

  /** `meet` is told the names of the things that the case shows. */
  constructor(trial: Trial, meet: (thing: string) => void) {
    this.#trial = trial;
    this.#meet = meet;
    this.#clockMs = trial.startMs;
    this.#random.reseed(BigInt(trial.seed));
    this.#roles = trial.breakers.map((options) => new Role(options, this.#random));
  }

  /**
   * The whole case.
   * @param from where it comes from
   * @param firstName which name its first breaker has
   * @param spell says options in the library's words
   */
  record(from: number, firstName: number, spell: (options: ModelOptions) => CircuitBreakerOptions): Case {
    const { seed, startMs, breakers } = this.#trial;
    return {
      from,
      seed,
      startMs,
      breakers: breakers.map((options, index) => ({
        name: nameAt(firstName + index),
        options: spell(options),
      })),
      steps: this.#trial.steps.flatMap((order) => this.#step(order) ?? []),
    };
  }

  /** Undefined where nothing can be done: no ticket to report. */
  #step(order: Order): Step | undefined {
    if (order.deed === "move") return this.#move(order);
    const of = order.breaker % this.#roles.length;
    const role = this.#roleAt(of);
    const nowMs = order.moment({ clockMs: this.#clockMs, model: role.model, options: role.options });
    const done = this.#perform(order, of, nowMs);
    if (done === undefined) return undefined;
    this.#meet(order.deed);
    if (isTime(nowMs) && nowMs < this.#clockMs) this.#meet("clock going back");
    if (isTime(nowMs) && order.deed !== "look") this.#clockMs = nowMs;
    const says = isTime(nowMs) && order.index % 2 === 0;
    return { do: order.deed, at: nowMs, ...(says && { says }), ...done, ...this.#looks(nowMs) };
  }

  #perform(order: Order, of: number, nowMs: number): Partial<Step> | undefined {
    const { deed } = order;
    const { model, tickets } = this.#roleAt(of);
    if (deed === "acquireBatch") return this.#acquireBatch(order, nowMs);
    if (deed === "reportBatch") return this.#reportBatch(order, nowMs);
    if (deed in OUTCOMES) {
      const ticket = tickets.take(order.ticket, order.index);
      return ticket === undefined ? undefined : { of, ...this.#report(order, of, ticket, nowMs) };
    }
    if (deed === "tryAcquire") {
      const gives = model.tryAcquire(nowMs);
      if (gives !== 0) tickets.add(gives);
      return { of, gives };
    }
    if (deed === "holdOpen") {
      const untilMs = isTime(nowMs) ? Math.min(nowMs + order.index, MAXIMUM_TIME_MS) : 0;
      model.holdOpen(untilMs, nowMs);
      return { of, untilMs };
    }
    const mode = MODES[deed];
    if (mode) model.setMode(mode, nowMs);
    else if (deed === "reset") model.reset(nowMs);
    else if (deed === "check") model.check(nowMs);
    return { of };
  }

  #report({ deed, durationMs, weight }: Order, of: number, ticket: number, nowMs: number): Partial<Step> {
    const outcome = OUTCOMES[deed]!; // the caller has looked
    if (outcome === "release") {
      this.#roleAt(of).model.report(ticket, outcome, nowMs);
      return { ticket };
    }
    this.#roleAt(of).model.report(ticket, outcome, nowMs, durationMs, weight);
    return { ticket, ...costs(weight, durationMs) };
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

  #move({ index }: Order): Step {
    this.#meet("move");
    const nowMs = Math.max(this.#clockMs, ...this.#roles.map(({ model }) => model.latestMs));
    this.#clockMs = nowMs;
    for (const { model } of this.#roles) model.check(nowMs);
    const tells = this.#tells();
    this.#random.reseed(BigInt(index));
    for (const { model, tickets } of this.#roles) {
      const { state, mode } = model.snapshot(nowMs);
      this.#meet(`moved, ${mode} ${state}`);
      model.move(GENERATION_AFTER_MOVE);
      tickets.clear();
    }
    return { do: "move", at: nowMs, says: true, seed: index, ...tells, ...this.#looks(nowMs) };
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
      meetEvent(event, options, this.#meet);
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
