/** Many calls in one: columns in linear memory that the caller fills and the core reads. */
import { batchModule } from "#batch-module";
import { DID_TRANSITION, MAXIMUM_WEIGHT, TICKET_DID_TRANSITION } from "../../assembly/layout.ts";
import { checkTime } from "../breaker/clock.ts";
import type { Engine } from "../breaker/engine.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { numberOption } from "../breaker/validate.ts";
import type { Core } from "../core/core.ts";
import type { LinearMemory } from "../core/memory.ts";
import type { BatchExports, CoreExports } from "../core/module.ts";

/** Codes for `batch.outcomes`. NONE leaves an entry out. */
export {
  OUTCOME_FAILURE as FAILURE,
  OUTCOME_NONE as NONE,
  OUTCOME_RELEASE as RELEASE,
  OUTCOME_SUCCESS as SUCCESS,
} from "../../assembly/layout.ts";

/** Entries that one batch may have: 2^20. */
export const MAXIMUM_BATCH_SIZE = 1_048_576;

/**
 * Columns of `size` entries. Each is a view of linear memory, which is replaced when that memory grows: read it from the
 * batch again after making breakers.
 */
export class Batch {
  /** Entries that it has room for; 0 once it is disposed of. */
  size: number;
  /** @internal */
  readonly _engine: Engine;
  /** @internal Addresses of the columns; 0: not used. */
  readonly _columns: Record<Column, number>;

  /** @internal Use `createBatch`. */
  constructor(engine: Engine, size: number) {
    this.size = size;
    this._engine = engine;
    const columns = { breakers: 0, tickets: 0, outcomes: 0, weights: 0, durations: 0 };
    this._columns = columns;
    for (const column of ["breakers", "tickets", "outcomes"] as const) {
      columns[column] = allocate(engine, bytesOf(column, size));
    }
  }

  /** `id` of the breaker of each entry. */
  get breakers(): Uint32Array {
    return new Uint32Array(this._buffer("breakers"), this._columns.breakers, this.size);
  }

  /**
   * Written by `acquireBatch`: the ticket of each entry, 0 where it was refused. Read by `reportBatch`, where 0 stands for a
   * call that was not acquired: it counts while its breaker is closed, and is late otherwise.
   */
  get tickets(): Uint32Array {
    return new Uint32Array(this._buffer("tickets"), this._columns.tickets, this.size);
  }

  /** SUCCESS, FAILURE, RELEASE, or NONE to leave an entry out. `acquireBatch` sets NONE. */
  get outcomes(): Uint8Array {
    return new Uint8Array(this._buffer("outcomes"), this._columns.outcomes, this.size);
  }

  /** Calls that each entry stands for, 1 to 1,000,000. Made when it is first read; without it, 1 each. */
  get weights(): Uint32Array {
    const isNew = this._columns.weights === 0;
    const column = new Uint32Array(this._buffer("weights"), this._columns.weights, this.size);
    return isNew ? column.fill(1) : column;
  }

  /** How long each call took in ms; NaN: unknown. Made when it is first read; without it, unknown. */
  get durations(): Float64Array {
    const isNew = this._columns.durations === 0;
    const column = new Float64Array(this._buffer("durations"), this._columns.durations, this.size);
    return isNew ? column.fill(Number.NaN) : column;
  }

  /** @internal The memory, with that column in it. */
  _buffer(column: Column): ArrayBufferLike {
    const { _columns: columns, _engine: engine, size } = this;
    if (columns[column] === 0) columns[column] = allocate(engine, bytesOf(column, size));
    return engine.core.memory.heap.buffer;
  }

  /**
   * Gives the memory of its columns to the batches to come; it has size 0 from then on. Without it they stay as long as the
   * registry.
   */
  [Symbol.dispose](): void {
    const { _columns: columns, _engine: engine, size } = this;
    for (const column of Object.keys(columns) as Column[]) {
      if (size > 0 && columns[column] > 0) blocksOf(engine, bytesOf(column, size)).push(columns[column]);
    }
    this.size = 0;
  }
}

/**
 * The exports of a core with the functions for batches: its own, or those of a module beside it, which is made once for each
 * arena. Observers replace members of it.
 */
export function batchExportsOf({ exports, arena, memory }: Core): CoreExports & BatchExports {
  if (!exports.reportBatch) {
    arena!.batch ??= batchModule!(memory.heap, arena!.exports);
    Object.assign(exports, arena!.batch);
  }
  return exports as CoreExports & BatchExports;
}

type Column = "breakers" | "tickets" | "outcomes" | "weights" | "durations";

/** Bytes of a column, whole units of eight. */
function bytesOf(column: Column, size: number): number {
  const width = column === "outcomes" ? 1 : column === "durations" ? 8 : 4;
  return Math.ceil((size * width) / 8) * 8;
}

/** Columns of batches that were disposed of, by their size in bytes. */
const FREE = /* @__PURE__ */ new WeakMap<LinearMemory, Map<number, number[]>>();

function blocksOf({ core: { memory } }: Engine, bytes: number): number[] {
  const bySize = FREE.get(memory) ?? new Map<number, number[]>();
  FREE.set(memory, bySize);
  const blocks = bySize.get(bytes) ?? [];
  bySize.set(bytes, blocks);
  return blocks;
}

/** A column full of zeros. */
function allocate(engine: Engine, bytes: number): number {
  const { core } = engine;
  const used = blocksOf(engine, bytes).pop();
  const address = used ?? core.allocate(bytes);
  core.cover(address + bytes);
  if (used !== undefined) core.memory.u32.fill(0, used >>> 2, (used + bytes) >>> 2);
  return address;
}

/**
 * A batch for the breakers of a registry. Make it once and use it again.
 * @param size entries that it has room for: a whole number from 1 to `MAXIMUM_BATCH_SIZE`.
 * @throws OptionError when `size` is out of range; RangeError when there is no memory.
 */
export function createBatch(registry: CircuitBreakerRegistry, size: number): Batch {
  batchExportsOf(registry._core);
  return new Batch(
    registry._engine,
    numberOption("size", size, { from: 1, to: MAXIMUM_BATCH_SIZE, whole: true }),
  );
}

/**
 * Asks to pass for the first `count` entries, as `tryAcquire` does, in their order: writes `tickets`, and NONE to
 * `outcomes`. Returns how many were admitted.
 * @param nowMs time of the calls in ms; default: the clock of the registry.
 * @throws OptionError for a bad count, RangeError for a bad entry or time; nothing is changed then.
 */
export function acquireBatch(batch: Batch, count: number, nowMs?: number): number {
  const { breakers, tickets, outcomes } = batch._columns;
  const { exports, stripe } = batch._engine.core;
  let admitted = 0;
  inChunks(batch, count, nowMs, (from, size, now) => {
    const result = exports.acquireBatch!(
      breakers + from * 4,
      tickets + from * 4,
      outcomes + from,
      size,
      stripe,
      now,
    );
    admitted += result & ~TICKET_DID_TRANSITION;
    return result < 0;
  });
  return admitted;
}

/**
 * Reports the first `count` entries in their order, as their outcomes say.
 * @param nowMs time of the reports in ms; default: the clock of the registry.
 * @throws OptionError for a bad count, RangeError for a bad entry or time; nothing is changed then.
 */
export function reportBatch(batch: Batch, count: number, nowMs?: number): void {
  const { breakers, tickets, outcomes, weights, durations } = batch._columns;
  const { exports, stripe } = batch._engine.core;
  inChunks(batch, count, nowMs, (from, size, now) => {
    const bits = exports.reportBatch!(
      breakers + from * 4,
      tickets + from * 4,
      outcomes + from,
      weights && weights + from * 4,
      durations && durations + from * 8,
      size,
      stripe,
      now,
    );
    return (bits & DID_TRANSITION) !== 0;
  });
}

/** Checks a batch, then works through it in chunks whose transitions the journal can hold. */
function inChunks(
  batch: Batch,
  count: number,
  nowMs: number | undefined,
  work: (from: number, size: number, nowMs: number) => boolean,
): void {
  const { _engine: engine, _columns: columns, size } = batch;
  const { core, dispatcher } = engine;
  numberOption("count", count, { from: 0, to: size, whole: true });
  const now = nowMs === undefined ? engine.clock() : checkTime(nowMs);
  const bad = core.exports.firstBad!(columns.breakers, columns.weights, count, core.end);
  if (bad !== count) throw new RangeError(describe(batch, bad));
  const most = core.journalCapacity;
  for (let from = 0; from < count; from += most) {
    if (work(from, Math.min(most, count - from), now)) dispatcher.dispatch();
  }
}

/** What is wrong with an entry. */
function describe(batch: Batch, index: number): string {
  const weight = batch._columns.weights && batch.weights[index]!;
  if (weight > MAXIMUM_WEIGHT || (batch._columns.weights && weight === 0)) {
    return `weights[${index}] of the batch must be 1 to ${MAXIMUM_WEIGHT}, got ${weight}`;
  }
  return `breakers[${index}] of the batch must be the id of a breaker of its registry, got ${batch.breakers[index]}`;
}
