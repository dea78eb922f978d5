/** A breaker of the library and its model, side by side: both are told the same and must show the same. */

import type { CircuitBreaker, CircuitBreakerEvent } from "../../src/entry/main.ts";
import { type BreakerModel, MAXIMUM_GENERATION, MAXIMUM_TIME_MS } from "../model/breaker.ts";
import type { ModelMode, ModelOptions } from "../model/options.ts";
import type { ModelSnapshot } from "../model/snapshot.ts";
import { changeFrom } from "./change.ts";
import { isTime } from "./moment.ts";
import type { Deed, Step } from "./step.ts";
import { meetChange, meetEvent } from "./tally.ts";
import { Tickets } from "./tickets.ts";

const MODES = {
  enable: "enabled",
  disable: "disabled",
  forceOpen: "forced_open",
  shadow: "shadow",
} as const satisfies Partial<Record<Deed, ModelMode>>;

/** One call as it was made, for the message of a failure. A batch says the same of each of its entries. */
export type Call = readonly [endpoint: string, deed: Deed, ...values: (number | undefined)[]];

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

/** See the file. */
export class Duet {
  /** What the library told its listeners since the latest step. */
  readonly heard: CircuitBreakerEvent[] = [];
  breaker: CircuitBreaker;
  readonly model: BreakerModel;
  options: ModelOptions;
  readonly tickets = new Tickets();
  readonly #setClock: (nowMs: number) => void;
  readonly #watcher: Watcher;
  #before: ModelSnapshot | undefined;

  /** `setClock` sets the clock of the library's registry. */
  constructor(
    breaker: CircuitBreaker,
    model: BreakerModel,
    options: ModelOptions,
    setClock: (nowMs: number) => void,
    watcher: Watcher,
  ) {
    this.breaker = breaker;
    this.model = model;
    this.options = options;
    this.#setClock = setClock;
    this.#watcher = watcher;
  }

  /** Goes on with the breaker that was made of this one in another registry. */
  move(breaker: CircuitBreaker): void {
    this.breaker = breaker;
    this.model.move(breaker.snapshot(this.model.latestMs).generation);
    this.tickets.clear();
  }

  /** Does the step to both and compares them. Returns what the clock shows then. */
  play(step: Step, clockMs: number): number {
    const nowMs = step.moment({ clockMs, model: this.model, options: this.options });
    this.#setClock(nowMs);
    // The library takes no argument that is no time, but its clock may go wrong: so every other time is the clock's.
    const argument = isTime(nowMs) && step.index % 2 === 0 ? nowMs : undefined;
    if (isTime(nowMs) && nowMs < clockMs) this.#watcher.meet?.("clock going back");
    this.#perform(step, nowMs, argument);
    this.compare(nowMs, argument);
    return isTime(nowMs) && step.deed !== "look" ? nowMs : clockMs;
  }

  #perform(step: Step, nowMs: number, argument: number | undefined): void {
    if (step.deed === "onSuccess" || step.deed === "onFailure" || step.deed === "release") {
      const ticket = this.tickets.take(step.ticket, step.index);
      if (ticket === undefined) return;
      this.#call(step.deed, ticket, nowMs, step.durationMs, step.weight);
      this.#report(step, ticket, nowMs, argument);
    } else if (step.deed === "holdOpen") {
      const untilMs = isTime(nowMs) ? Math.min(nowMs + step.index, MAXIMUM_TIME_MS) : 0;
      this.#call(step.deed, untilMs, nowMs);
      this.breaker.holdOpen(untilMs, argument);
      this.model.holdOpen(untilMs, nowMs);
    } else {
      this.#call(step.deed, nowMs);
      if (step.deed === "tryAcquire") this.#acquire(nowMs, argument);
      else if (step.deed === "configure") this.#configure(step, nowMs, argument);
      else this.#control(step.deed, nowMs, argument);
    }
  }

  #call(deed: Deed, ...values: (number | undefined)[]): void {
    this.#watcher.call?.([this.breaker.name, deed, ...values]);
    this.#watcher.meet?.(deed);
  }

  #acquire(nowMs: number, argument: number | undefined): void {
    const ticket = this.breaker.tryAcquire(argument);
    const expected = this.model.tryAcquire(nowMs);
    if (ticket !== expected) throw new Disagreement(`ticket: expected ${expected}, got ${ticket}`);
    if (ticket !== 0) this.tickets.add(ticket);
  }

  #report(step: Step, ticket: number, nowMs: number, argument: number | undefined): void {
    const { deed, durationMs, weight } = step;
    if (deed === "release") {
      this.breaker.release(ticket, argument);
      this.model.report(ticket, "release", nowMs);
    } else if (deed === "onSuccess") {
      this.breaker.onSuccess(ticket, argument, durationMs, weight);
      this.model.report(ticket, "success", nowMs, durationMs, weight);
    } else {
      this.breaker.onFailure(ticket, argument, durationMs, weight);
      this.model.report(ticket, "failure", nowMs, durationMs, weight);
    }
  }

  #configure(step: Step, nowMs: number, argument: number | undefined): void {
    const { partial, options, mode } = changeFrom(this.options, step.index * 3 + step.weight);
    const before = this.model.snapshot(nowMs);
    const { state } = this.model;
    this.breaker.configure(partial, argument);
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
    if (first === undefined) return this.breaker.snapshot().generation;
    return first === 1 ? MAXIMUM_GENERATION : first - 1;
  }

  #control(deed: Deed, nowMs: number, argument: number | undefined): void {
    const [breaker, model] = [this.breaker, this.model];
    if (deed === "check") {
      breaker.check(argument);
      model.check(nowMs);
    } else if (deed === "reset") {
      breaker.reset(argument);
      model.reset(nowMs);
    } else if (deed in MODES) {
      const mode = deed as keyof typeof MODES;
      breaker[mode](argument);
      model.setMode(MODES[mode], nowMs);
    } // else "look": the comparison that follows every step looks
  }

  /** Throws a Disagreement where the two do not show the same, or told not the same events. */
  compare(nowMs: number, argument: number | undefined): void {
    const breaker = this.breaker;
    const expected = this.model.snapshot(nowMs);
    const { opened, ...shown } = breaker.snapshot(argument);
    differ("snapshot", { endpoint: breaker.name, ...expected }, shown);
    differ("opening", { ...this.model.opening }, { ...opened });
    const { state, mode, retryAfterMs } = expected;
    const seen = { state: breaker.state, mode: breaker.mode, retryAfterMs: breaker.retryAfterMs(argument) };
    differ("breaker", { state, mode, retryAfterMs }, seen);
    if (this.#watcher.meet && this.#before) meetChange(this.#before, expected, this.#watcher.meet);
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
      differ(`event ${index}`, { endpoint: this.breaker.name, ...event }, heard[index]);
      if (this.#watcher.meet) meetEvent(event, this.options, this.#watcher.meet);
    });
  }
}

/** How far a generation lies ahead of another one; negative: behind. */
function ahead(generation: number, of: number): number {
  const distance = generation - of;
  return Math.abs(distance) <= MAXIMUM_GENERATION / 2 ? distance : -distance;
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
