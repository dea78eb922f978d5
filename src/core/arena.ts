/**
 * One memory and one instance of the core, for many registries of one thread.
 *
 * An engine reserves gigabytes of addresses for each memory, so a memory for each registry would end at some 12,000 of
 * them. An arena takes new registries while it is small; it is garbage when all of its registries are.
 */
import { CACHE_LINE_SIZE, REGISTRY_ADDRESS } from "../../assembly/layout.ts";
import { LinearMemory } from "./memory.ts";
import { type BatchExports, type CoreExports, type CoreModule, instantiate } from "./module.ts";

/** Registries that one arena takes. */
const MAXIMUM_REGISTRIES = 256;
/** Bytes in use above which an arena takes no further registry. */
const MAXIMUM_SHARED_BYTES = 1_048_576;

export class Arena {
  readonly memory: LinearMemory;
  readonly exports: CoreExports;
  /** Bump pointer: the first byte that no block has. Address 0 stays unused, so that 0 can mean "none". */
  end = REGISTRY_ADDRESS;
  registries = 0;
  /** Functions for batches, if the core has none: made with the first batch. */
  batch: BatchExports | undefined;
  #breakers = 0;
  /** Freed blocks of breakers by their size. A block keeps its generation over all breakers that live in it. */
  readonly free = new Map<number, number[]>();

  constructor(module: CoreModule) {
    const heap = module.createMemory();
    this.exports = instantiate(module, heap);
    this.memory = new LinearMemory(heap, false);
  }

  /**
   * A zeroed block that was never used, whose address leaves `remainder` when divided by a cache line.
   * @throws RangeError when the runtime gives no more memory; nothing is changed then.
   */
  allocate(size: number, remainder = 0): number {
    // Where breakers are 256 bytes, or a multiple. Without a line more now and then, the line that every call touches would lie in a quarter
    // of the sets of each cache, where it drives out its like.
    if (remainder !== 0 && (++this.#breakers & 63) === 0) this.end += CACHE_LINE_SIZE;
    const address = this.end + ((remainder - this.end) & (CACHE_LINE_SIZE - 1));
    this.memory.reserve(address + size);
    this.end = address + size;
    return address;
  }
}

const arenas = /* @__PURE__ */ new WeakMap<CoreModule, Arena>();

/** The arena for the next registry over that build of the core. */
export function arenaFor(module: CoreModule): Arena {
  let arena = arenas.get(module);
  if (!arena || arena.registries >= MAXIMUM_REGISTRIES || arena.end > MAXIMUM_SHARED_BYTES) {
    arena = new Arena(module);
    arenas.set(module, arena);
  }
  arena.registries++;
  return arena;
}
