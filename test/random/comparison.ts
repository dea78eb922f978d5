/** A breaker of the library and its model, side by side: both are told the same and must show the same. */

import { type CircuitBreaker, type CircuitBreakerEvent, configure } from "../../src/entry/main.ts";
import { type BreakerModel, MAXIMUM_GENERATION } from "../model/breaker.ts";
import type { ModelMode, ModelOptions } from "../model/options.ts";
import type { ModelSnapshot } from "../model/snapshot.ts";
import { coverChange, coverEvent } from "./coverage.ts";
import { changeFrom } from "./reconfiguration.ts";
import type { Operation, Step } from "./step.ts";
import { Tickets } from "./tickets.ts";
import { isTime } from "./times.ts";

const MODES = {
  enable: "enabled",
  disable: "disabled",
  forceOpen: "forced_open",
  shadow: "shadow",
} as const satisfies Partial<Record<Operation, ModelMode>>;

/** One call as it was made, for the message of a failure. A batch says the same of each of its entries. */
export type Call = readonly [endpoint: string, operation: Operation, ...values: (number | undefined)[]];

/** Who watches a case being played. */
export interface Watcher {
  /** Told every call before it is made. */
  call?(call: Call): void;
  /** Told what the case has met: names of things that random cases must not miss. */
  meet?(thing: string): void;
}

/** The library and the model differ. */
export class Disagreement extends Error {
  override readonly name = "Disagreement";
}

/** The clock of the registry of a case. */
export interface CaseClock {
  /**
   * Makes the clock show that reading. `says`: the time is given as an argument, too, if it is one. Returns the time that
   * counts then, and the argument.
   */
  set(readingMs: number, says: boolean): { readonly nowMs: number; readonly argument: number | undefined };
}

/** See the file. */
export class Comparison {
  /** What the library told its listeners since the latest step. */
  readonly heard: CircuitBreakerEvent[] = [];
  breaker: CircuitBreaker;
  readonly model: BreakerModel;
  options: ModelOptions;
  readonly tickets = new Tickets();
  readonly #clock: CaseClock;
  readonly #watcher: Watcher;
  #before: ModelSnapshot | undefined;

  constructor(
    breaker: CircuitBreaker,
    model: BreakerModel,
    options: ModelOptions,
    clock: CaseClock,
    watcher: Watcher,
  ) {
    this.breaker = breaker;
    this.model = model;
    this.options = options;
    this.#clock = clock;
    this.#watcher = watcher;
  }

  /** Goes on with the breaker that was made of this one in another registry. */
  move(breaker: CircuitBreaker): void {
    this.breaker = breaker;
    this.model.move(breaker.snapshot(this.model.latestMs).generation);
    this.tickets.clear();
  }

  /** Checks until both have seen that time, however far ahead it is. */
  seeTime(nowMs: number): void {
    while (this.model.latestMs < nowMs) {
      this.breaker.check(nowMs);
      this.model.check(nowMs);
      this.compare(nowMs, nowMs);
    }
  }

  /** Does the step to both and compares them. Returns what the clock shows then. */
  play(step: Step, clockMs: number): number {
    const readingMs = step.moment({ clockMs, model: this.model, options: this.options });
    // The library takes no argument that is no time, but its clock may go wrong: so every other time is the clock's.
    const { nowMs, argument } = this.#clock.set(readingMs, step.index % 2 === 0);
    if (isTime(readingMs) && readingMs < clockMs) this.#watcher.meet?.("clock going back");
    const { latestMs, generation } = this.model;
    this.#perform(step, nowMs, argument);
    if (this.model.latestMs < latestMs) this.#watcher.meet?.("reset to an earlier time");
    if (isTime(nowMs) && step.operation !== "look" && this.model.latestMs < nowMs)
      this.#watcher.meet?.("a time too far ahead");
    if (
      step.operation === "check" &&
      this.model.state === "half_open" &&
      this.model.generation !== generation
    )
      this.#watcher.meet?.("half-open by check");
    this.compare(nowMs, argument);
    return isTime(readingMs) && step.operation !== "look" ? readingMs : clockMs;
  }

  #perform(step: Step, nowMs: number, argument: number | undefined): void {
    if (step.operation === "onSuccess" || step.operation === "onFailure" || step.operation === "release") {
      const ticket = this.tickets.take(step.ticket, step.index);
      if (ticket === undefined) return;
      this.#call(step.operation, ticket, nowMs, step.durationMs, step.weight, step.holdMs);
      this.#report(step, ticket, nowMs, argument);
    } else if (step.operation === "trip") {
      const holdMs = step.index % 2 === 0 ? 0 : step.index % 5_000;
      this.#call(step.operation, nowMs, holdMs);
      this.breaker.trip(argument, holdMs);
      this.model.trip(nowMs, holdMs);
    } else {
      this.#call(step.operation, nowMs);
      if (step.operation === "tryAcquire") this.#acquire(nowMs, argument);
      else if (step.operation === "configure") this.#configure(step, nowMs, argument);
      else this.#control(step.operation, nowMs, argument);
    }
  }

  #call(operation: Operation, ...values: (number | undefined)[]): void {
    this.#watcher.call?.([this.breaker.name, operation, ...values]);
    this.#watcher.meet?.(operation);
  }

  #acquire(nowMs: number, argument: number | undefined): void {
    const ticket = this.breaker.tryAcquire(argument);
    const expected = this.model.tryAcquire(nowMs);
    if (ticket !== expected) throw new Disagreement(`ticket: expected ${expected}, got ${ticket}`);
    if (ticket !== 0) this.tickets.add(ticket);
  }

  #report(step: Step, ticket: number, nowMs: number, argument: number | undefined): void {
    const { operation, durationMs, weight, holdMs, error } = step;
    if (operation === "release") {
      this.breaker.release(ticket, argument);
      this.model.report(ticket, "release", nowMs);
    } else if (operation === "onSuccess") {
      this.breaker.onSuccess(ticket, argument, durationMs, weight);
      this.model.report(ticket, "success", nowMs, durationMs, weight);
    } else {
      this.breaker.onFailure(ticket, argument, durationMs, weight, holdMs, error);
      this.model.report(ticket, "failure", nowMs, durationMs, weight, holdMs, error);
    }
  }

  #configure(step: Step, nowMs: number, argument: number | undefined): void {
    const { partial, options, mode } = changeFrom(this.options, step.index * 3 + step.weight);
    const before = this.model.snapshot(nowMs);
    const { state } = this.model;
    configure(this.breaker, partial, { nowMs: argument });
    const began = this.#generationBeforeEvents();
    if (began !== before.generation && ahead(began, before.generation) <= 0) {
      throw new Disagreement(`generation: expected one after ${before.generation}, got ${began}`);
    }
    this.model.configure(options, mode, nowMs, began);
    this.options = options;
    const meet = this.#watcher.meet;
    if (!meet || mode !== undefined) return;
    const after = this.model.snapshot(nowMs);
    const how = after.generation === before.generation ? "in place" : "moved";
    meet(`configured, ${state}, ${how}`);
    if (after.calls > 0) meet(`configured, ${how}, with calls in its window`);
    if (this.model.state !== state)
      meet(`${this.model.state === "open" ? "opened" : "closed"} by new options`);
  }

  /** A breaker that moves begins a generation that its new place has not had: which one, only the library knows. */
  #generationBeforeEvents(): number {
    const first = this.heard[0]?.generation;
    if (first === undefined) return this.breaker.snapshot(0).generation;
    return first === 1 ? MAXIMUM_GENERATION : first - 1;
  }

  #control(operation: Operation, nowMs: number, argument: number | undefined): void {
    const [breaker, model] = [this.breaker, this.model];
    if (operation === "check") {
      breaker.check(argument);
      model.check(nowMs);
    } else if (operation === "reset") {
      breaker.reset(argument);
      model.reset(nowMs);
    } else if (operation in MODES) {
      const mode = operation as keyof typeof MODES;
      breaker[mode](argument);
      model.setMode(MODES[mode], nowMs);
    } // else "look": the comparison that follows every step looks
  }

  /** Throws a Disagreement where the two do not show the same, or told not the same events. */
  compare(nowMs: number, argument: number | undefined): void {
    const breaker = this.breaker;
    const expected = this.model.snapshot(nowMs);
    const { opened, totals, ...shown } = breaker.snapshot(argument);
    const { totals: counted, ...others } = expected;
    differ("snapshot", { endpoint: breaker.name, ...others }, shown);
    differ("totals", flat(counted), flat(totals));
    differ(
      "opening",
      { ...this.model.opening },
      opened && { ...opened, lastError: opened.lastError?.message },
    );
    const { state, mode, retryAfterMs } = expected;
    const seen = { state: breaker.state, mode: breaker.mode, retryAfterMs: breaker.retryAfterMs(argument) };
    differ("breaker", { state, mode, retryAfterMs }, seen);
    if (this.#watcher.meet && this.#before) coverChange(this.#before, expected, this.#watcher.meet);
    this.#before = expected;
    this.#compareEvents();
  }

  #compareEvents(): void {
    const expected = this.model.events.splice(0);
    const heard = this.heard.splice(0);
    if (heard.length !== expected.length) {
      throw new Disagreement(`events: expected ${JSON.stringify(expected)}, got ${JSON.stringify(heard)}`);
    }
    expected.forEach((event, index) => {
      const told = heard[index];
      const shown = told && { ...told, lastError: told.lastError?.message };
      differ(`event ${index}`, { endpoint: this.breaker.name, ...event }, shown);
      if (this.#watcher.meet) coverEvent(event, this.options, this.#watcher.meet);
    });
  }
}

/** How far a generation lies ahead of another one; negative: behind. */
function ahead(generation: number, of: number): number {
  const distance = generation - of;
  return Math.abs(distance) <= MAXIMUM_GENERATION / 2 ? distance : -distance;
}

function flat({ refusedBy, ...others }: ModelSnapshot["totals"]): object {
  return { ...others, ...refusedBy };
}

/** Throws when a field of the one is not the same in the other, or missing, or one too many. */
function differ(what: string, expected: object, actual: object | undefined): void {
  const fields: Readonly<Record<string, unknown>> = { ...actual };
  const names = new Set([...Object.keys(expected), ...Object.keys(fields)]);
  const lines: string[] = [];
  for (const [name, value] of Object.entries(expected)) {
    if (!Object.is(value, fields[name])) lines.push(`${name}: expected ${value}, got ${fields[name]}`);
    names.delete(name);
  }
  for (const name of names) lines.push(`${name}: not expected, got ${fields[name]}`);
  if (lines.length > 0) throw new Disagreement(`${what}: ${lines.join("; ")}`);
}
