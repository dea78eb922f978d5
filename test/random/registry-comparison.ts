/** All breakers of a random case in one registry, and what is done to several of them at once: batches. */

import {
  acquireBatch,
  type Batch,
  createBatch,
  exportState,
  FAILURE,
  importState,
  NONE,
  RELEASE,
  reportBatch,
  SUCCESS,
} from "../../src/entry/main.ts";
import type { Flavour } from "../flavours.ts";
import type { ModelOutcome } from "../model/breaker.ts";
import { type CaseClock, type Comparison, Disagreement, type Watcher } from "./comparison.ts";
import type { Step } from "./step.ts";
import { isTime } from "./times.ts";

const BATCH_SIZE = 16;
const OUTCOMES: Readonly<Record<number, ModelOutcome>> = {
  [SUCCESS]: "success",
  [FAILURE]: "failure",
  [RELEASE]: "release",
};
const NAMES = { [SUCCESS]: "SUCCESS", [FAILURE]: "FAILURE", [RELEASE]: "RELEASE", [NONE]: "NONE" };

type Registry = ReturnType<Flavour["createRegistry"]>;

/** When, and with which argument: every other time is the clock's. */
interface Time {
  readonly nowMs: number;
  readonly argument: number | undefined;
}

/** See the file. */
export class RegistryComparison {
  readonly #create: (seed: number) => Registry;
  #registry: Registry;
  readonly #comparisons: readonly Comparison[];
  readonly #clock: CaseClock;
  readonly #watcher: Watcher;
  /** One without the columns for weights and durations, one with them. */
  #plain: Batch;
  #weighted: Batch;

  /** `create` makes the registries that come after the first, from the seed of their jitter. */
  constructor(
    registry: Registry,
    create: (seed: number) => Registry,
    comparisons: readonly Comparison[],
    clock: CaseClock,
    watcher: Watcher,
  ) {
    this.#registry = registry;
    this.#create = create;
    this.#comparisons = comparisons;
    this.#clock = clock;
    this.#watcher = watcher;
    this.#plain = createBatch(registry, BATCH_SIZE);
    this.#weighted = createBatch(registry, BATCH_SIZE);
  }

  /** Does the step and compares. Returns what the clock shows then. */
  play(step: Step, clockMs: number): number {
    if (step.operation === "move") return this.#move(step, clockMs);
    const comparison = this.#duetAt(step.breaker);
    if (step.operation !== "acquireBatch" && step.operation !== "reportBatch")
      return comparison.play(step, clockMs);
    const readingMs = step.moment({ clockMs, model: comparison.model, options: comparison.options });
    const time = this.#clock.set(readingMs, step.index % 2 === 0);
    const { nowMs } = time;
    const count = (step.index >> 1) % (BATCH_SIZE + 1);
    this.#watcher.meet?.(step.operation);
    if (count === 0) this.#watcher.meet?.("empty batch");
    else if (count < BATCH_SIZE) this.#watcher.meet?.("part of a batch");
    if (step.operation === "acquireBatch") this.#acquire(step, count, time);
    else this.#report(step, count, time);
    for (const each of this.#comparisons) {
      if (each.model.events.length > 0) this.#watcher.meet?.("a batch that causes a transition");
      each.compare(nowMs, time.argument);
    }
    return isTime(readingMs) ? readingMs : clockMs;
  }

  /** Exports all breakers and goes on with what another registry makes of them. */
  #move(step: Step, clockMs: number): number {
    const nowMs = Math.max(clockMs, ...this.#comparisons.map(({ model }) => model.latestMs));
    this.#watcher.call?.(["all", "move", nowMs]);
    this.#watcher.meet?.("move");
    this.#clock.set(nowMs, false);
    for (const comparison of this.#comparisons) comparison.seeTime(nowMs);
    // It looks at each first, in the order in which it lists them, and that is the order of the delays that are drawn.
    const names = [...this.#registry].map(({ name }) => name);
    const data = exportState(this.#registry, nowMs);
    for (const name of names)
      this.#comparisons.find(({ breaker }) => breaker.name === name)?.model.check(nowMs);
    for (const comparison of this.#comparisons) comparison.compare(nowMs, nowMs);
    this.#registry = this.#create(step.index);
    importState(this.#registry, JSON.parse(JSON.stringify(data)), nowMs);
    this.#plain = createBatch(this.#registry, BATCH_SIZE);
    this.#weighted = createBatch(this.#registry, BATCH_SIZE);
    for (const comparison of this.#comparisons) {
      const { state, mode } = comparison.model.snapshot(nowMs);
      this.#watcher.meet?.(`moved, ${mode} ${state}`);
      comparison.move(this.#registry.get(comparison.breaker.name));
      comparison.compare(nowMs, nowMs);
    }
    return nowMs;
  }

  #duetAt(index: number): Comparison {
    return this.#comparisons[index % this.#comparisons.length]!; // there is at least one
  }

  /** The breakers of a batch: each of them several times, in and out of order. */
  #cast(step: Step, count: number): Comparison[] {
    return Array.from({ length: count }, (_, index) => this.#duetAt((step.index + index) >> 1));
  }

  #acquire(step: Step, count: number, { nowMs, argument }: Time): void {
    const cast = this.#cast(step, count);
    const batch = this.#plain;
    cast.forEach((comparison, index) => {
      this.#watcher.call?.([comparison.breaker.name, step.operation, nowMs]);
      batch.breakers[index] = comparison.breaker.id;
    });
    const admitted = acquireBatch(batch, count, argument);
    const expected = cast.map(({ model }) => model.tryAcquire(nowMs));
    const tickets = [...batch.tickets.subarray(0, count)];
    if (tickets.join() !== expected.join()) {
      throw new Disagreement(`tickets: expected ${expected}, got ${tickets}`);
    }
    const issued = expected.filter((ticket) => ticket !== 0).length;
    if (admitted !== issued) throw new Disagreement(`admitted: expected ${issued}, got ${admitted}`);
    if (issued > 0 && issued < count) this.#watcher.meet?.("a batch admitted in part");
    expected.forEach((ticket, index) => {
      if (ticket !== 0) cast[index]?.tickets.add(ticket);
    });
  }

  #report(step: Step, count: number, { nowMs, argument }: Time): void {
    const weighted = step.index % 3 === 0;
    const batch = weighted ? this.#weighted : this.#plain;
    this.#watcher.meet?.(weighted ? "weights in a batch" : "no weights in a batch");
    const reports = this.#cast(step, count).map((comparison, index) => {
      const outcome = outcomeAt(step, index);
      const ticket = (index % 5 === 4 ? undefined : comparison.tickets.take(step.ticket, step.index)) ?? 0;
      const [weight, durationMs] = weighted ? [step.weight, step.durationMs] : [1, undefined];
      this.#watcher.call?.([
        comparison.breaker.name,
        step.operation,
        ticket,
        nowMs,
        outcome,
        durationMs,
        weight,
      ]);
      this.#watcher.meet?.(`${NAMES[outcome]} in a batch`);
      if (ticket === 0) this.#watcher.meet?.("a call in a batch that nobody admitted");
      batch.breakers[index] = comparison.breaker.id;
      batch.tickets[index] = ticket;
      batch.outcomes[index] = outcome;
      if (weighted) {
        batch.weights[index] = weight;
        batch.durations[index] = durationMs ?? Number.NaN;
      }
      return { model: comparison.model, ticket, outcome: OUTCOMES[outcome], durationMs, weight };
    });
    reportBatch(batch, count, argument);
    for (const { model, ticket, outcome, durationMs, weight } of reports) {
      if (outcome) model.report(ticket || model.plainTicket, outcome, nowMs, durationMs, weight);
    }
  }
}

function outcomeAt(step: Step, index: number): keyof typeof NAMES {
  const choice = (step.index + index * 7) % 16;
  if (choice === 14) return RELEASE;
  if (choice === 15) return NONE;
  return step.fails(index) ? FAILURE : SUCCESS;
}
