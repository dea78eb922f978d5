/** Many outcomes in one call, over columns that stand ready: filling them is the caller's work in any language. */
import { batchExportsOf } from "../../src/features/batch.ts";
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import { Random } from "../random.ts";
import type { Scale, Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";
import {
  batchOf,
  handAt,
  handBreakers,
  rawAt,
  rawBatch,
  rawBreakers,
  registryOf,
  SUCCESS,
  succeedAll,
} from "./fixtures.ts";
import { warm } from "./options.ts";

/** Entries of a batch. */
const ENTRIES = LOOP;
const ORDER_SEED = 11;

/** Which breakers the entries are for. */
export type Spread = 1 | 16 | 100_000;

function countOf(spread: Spread, { short }: Scale): number {
  return short ? Math.min(spread, 1_000) : spread;
}

/** One after the other where they are few, else at random. */
function entriesFor(count: number): Uint32Array {
  const random = new Random(ORDER_SEED);
  return Uint32Array.from({ length: ENTRIES }, (_, entry) =>
    count > 16 ? random.below(count) : entry % count,
  );
}

/** Breakers by hand, and the columns of a batch for them. */
function handColumns(spread: Spread, scale: Scale, clock: Clock) {
  const { breakers, places } = handBreakers(countOf(spread, scale));
  for (const at of places) warm(handAt(breakers, at), clock);
  const column = entriesFor(places.length).map((number) => places[number]!); // numbers are below the length
  const tickets = column.map((at) => breakers.tryAcquire(at, clock.nowMs));
  return { breakers, column, tickets, outcomes: new Uint8Array(ENTRIES).fill(SUCCESS) };
}

/** Reports by hand: a loop over the same columns. */
export function reportByHand(spread: Spread, scale: Scale): Work {
  const clock = new Clock();
  const { breakers, column, tickets, outcomes } = handColumns(spread, scale, clock);
  return counted(ENTRIES, ENTRIES, () => {
    let reported = 0;
    clock.nowMs += STEP_MS * ENTRIES;
    const now = clock.nowMs;
    for (let i = 0; i < ENTRIES; i++) {
      if (outcomes[i] !== SUCCESS) continue;
      breakers.onSuccess(column[i]!, tickets[i]!, now, Number.NaN); // columns are as long as the batch
      reported++;
    }
    return reported;
  });
}

/** Asks and reports by hand: two loops over the same columns. */
export function askAndReportByHand(spread: Spread, scale: Scale): Work {
  const clock = new Clock();
  const { breakers, column, tickets } = handColumns(spread, scale, clock);
  return counted(ENTRIES, ENTRIES, () => {
    let admitted = 0;
    clock.nowMs += STEP_MS * ENTRIES;
    const now = clock.nowMs;
    for (let i = 0; i < ENTRIES; i++) {
      const ticket = breakers.tryAcquire(column[i]!, now); // columns are as long as the batch
      tickets[i] = ticket;
      if (ticket !== 0) admitted++;
    }
    for (let i = 0; i < ENTRIES; i++) breakers.onSuccess(column[i]!, tickets[i]!, now, Number.NaN);
    return admitted;
  });
}

/** A registry with a batch whose entries are admitted and succeed. */
function ready(spread: Spread, scale: Scale, clock: Clock) {
  const { registry, breakers } = registryOf(countOf(spread, scale));
  for (const breaker of breakers) warm(breaker, clock);
  const { batch, acquire, report } = batchOf(registry, ENTRIES);
  batch.breakers.set(entriesFor(breakers.length).map((number) => breakers[number]!.id)); // numbers are below the length
  acquire(clock.nowMs);
  batch.outcomes.fill(SUCCESS);
  return { breakers, batch, acquire, report };
}

/** `registry.reportBatch`. */
export function reportBatch(spread: Spread, scale: Scale): Work {
  const clock = new Clock();
  const { breakers, batch, report } = ready(spread, scale, clock);
  const own = ownEntries(batch.breakers, breakers[0]!.id); // there is at least one
  return reporting(clock, own, () => breakers[0]!.snapshot(clock.nowMs).calls, report);
}

/** The export `reportBatch` of the module. */
export function reportBatchRaw(spread: Spread, scale: Scale): Work {
  const clock = new Clock();
  const raw = rawBreakers(countOf(spread, scale));
  const { core, addresses, stripeOffset } = raw;
  for (const breaker of addresses) warm(rawAt(core, breaker, breaker + stripeOffset), clock);
  const ids = entriesFor(addresses.length).map((number) => addresses[number]!); // numbers are below the length
  const batch = rawBatch(raw, ids);
  const { breakers, tickets, outcomes } = batch;
  const { acquireBatch, reportBatch } = batchExportsOf(core);
  acquireBatch(breakers, tickets, outcomes, ENTRIES, 0, clock.nowMs);
  succeedAll(raw, batch, ENTRIES);
  const own = ownEntries(ids, addresses[0]!);
  const count = (): number => core.measure(addresses[0]!, clock.nowMs).calls;
  return reporting(clock, own, count, (now) => {
    reportBatch(breakers, tickets, outcomes, 0, 0, ENTRIES, 0, now);
  });
}

/** `registry.acquireBatch` and `registry.reportBatch`, with the outcomes between them. */
export function askAndReportBatch(spread: Spread, scale: Scale): Work {
  const clock = new Clock();
  const { batch, acquire, report } = ready(spread, scale, clock);
  return counted(ENTRIES, ENTRIES, () => {
    clock.nowMs += STEP_MS * ENTRIES;
    const admitted = acquire(clock.nowMs);
    batch.outcomes.fill(SUCCESS);
    report(clock.nowMs);
    return admitted;
  });
}

function ownEntries(ids: Uint32Array, own: number): number {
  return ids.filter((id) => id === own).length;
}

/**
 * A report returns nothing, so the count of the first breaker is the checksum.
 *
 * @param own entries of the batch that are for it
 */
function reporting(clock: Clock, own: number, calls: () => number, report: (now: number) => void): Work {
  const step = STEP_MS * ENTRIES;
  let runs = 0;
  return {
    operations: ENTRIES,
    waits: false,
    run() {
      clock.nowMs += step;
      report(clock.nowMs);
      runs++;
    },
    verify() {
      // A window of 10 s in 10 buckets holds the last 9 to 10 s.
      const least = Math.min(runs, Math.floor(9_000 / step)) * own;
      const most = Math.min(runs, Math.ceil(10_000 / step)) * own + DEFAULT_POLICY.minimumCalls;
      const given = calls();
      if (given >= least && given <= most) return;
      throw new Error(`the first breaker counts ${given} calls, it should count ${least} to ${most}`);
    },
  };
}
