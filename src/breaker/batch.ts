/** Many calls in one: columns in linear memory that the caller fills and the core reads. */
import { MAXIMUM_WEIGHT } from "../../assembly/layout.ts";
import type { Core } from "../core/core.ts";

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
 * Columns of `size` entries. Each is a view into linear memory that a growing memory replaces: take it from the
 * batch again after making breakers.
 */
export class Batch {
  /** Entries that it has room for. */
  readonly size: number;
  /** @internal Addresses of the columns; 0: not used. */
  readonly addresses: {
    breakers: number;
    tickets: number;
    outcomes: number;
    weights: number;
    durations: number;
  };
  readonly #core: Core;

  /** @internal Use `registry.batch(size)`. */
  constructor(size: number, core: Core) {
    if (!(Number.isInteger(size) && size >= 1 && size <= MAXIMUM_BATCH_SIZE)) {
      throw new RangeError(
        `size must be a whole number from 1 to ${MAXIMUM_BATCH_SIZE}, got ${String(size)}`,
      );
    }
    this.size = size;
    this.#core = core;
    this.addresses = {
      breakers: core.allocator.allocate(size * 4),
      tickets: core.allocator.allocate(size * 4),
      outcomes: core.allocator.allocate(Math.ceil(size / 8) * 8),
      weights: 0,
      durations: 0,
    };
  }

  /** `id` of the breaker of each entry. */
  get breakers(): Uint32Array {
    return new Uint32Array(this.#core.memory.memory.buffer, this.addresses.breakers, this.size);
  }

  /**
   * Written by `acquireBatch`: the ticket of each entry, 0 where it was refused. Read by `reportBatch`, where 0
   * stands for a call that nobody admitted: it counts while its breaker is closed, and is late otherwise.
   */
  get tickets(): Uint32Array {
    return new Uint32Array(this.#core.memory.memory.buffer, this.addresses.tickets, this.size);
  }

  /** SUCCESS, FAILURE, RELEASE, or NONE to leave an entry out. `acquireBatch` sets NONE. */
  get outcomes(): Uint8Array {
    return new Uint8Array(this.#core.memory.memory.buffer, this.addresses.outcomes, this.size);
  }

  /** Calls that each entry stands for, 1 to 1,000,000. Without asking for this column: 1 each. */
  get weights(): Uint32Array {
    const isNew = this.addresses.weights === 0;
    if (isNew) this.addresses.weights = this.#core.allocator.allocate(this.size * 4);
    const column = new Uint32Array(this.#core.memory.memory.buffer, this.addresses.weights, this.size);
    return isNew ? column.fill(1) : column;
  }

  /** How long each call took in ms; NaN: unknown. Without asking for this column: unknown. */
  get durations(): Float64Array {
    const isNew = this.addresses.durations === 0;
    if (isNew) this.addresses.durations = this.#core.allocator.allocate(this.size * 8);
    const column = new Float64Array(this.#core.memory.memory.buffer, this.addresses.durations, this.size);
    return isNew ? column.fill(Number.NaN) : column;
  }

  /** @internal */
  describe(index: number): string {
    const weight = this.addresses.weights === 0 ? 1 : this.weights[index];
    return `entry ${index} of the batch must name a breaker of this registry and a weight from 1 to ${MAXIMUM_WEIGHT}, got breaker ${this.breakers[index]} and weight ${weight}`;
  }
}
