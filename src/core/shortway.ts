/**
 * The short way of a call, without leaving JavaScript: what `acquire`, `admit` and `succeed` of the module do for a
 * breaker that is closed and enabled, in a bucket that goes on, upon a call of which nothing follows. A call into the
 * module costs more than that. Whatever else is the case returns 0 or false and changes nothing: then the module is
 * to be asked. test/core/shortway.test.ts holds both ways together, byte for byte; docs/adr/0014 says why there are two.
 *
 * Only in memory of one thread: JavaScript has no way to read a cell of others that is both ordered and cheap.
 */
import {
  CALLS_OFFSET,
  CONSECUTIVE_OFFSET,
  CURRENT_OFFSET,
  CURRENT_QUIET,
  CURRENT_ROW,
  DEADLINE_OFFSET,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  REFUSED_OFFSET,
  REGISTRY_ADDRESS,
  REGISTRY_FREED_OFFSET,
  STATE_OPEN,
  STRIPES_OFFSET,
  TICKET_OFFSET,
  TICKET_SHIFT,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";

// Constants of this file, since V8 looks imported ones up at every use; indices from that of the breaker. What is
// read becomes a signed number at once (`| 0`), since V8 checks at every use of another that it is not too large.
const FREED = (REGISTRY_ADDRESS + REGISTRY_FREED_OFFSET) >>> 2;
const DEADLINE = DEADLINE_OFFSET >>> 3;
const WORD = WORD_OFFSET >>> 2;
const TICKET = (STRIPES_OFFSET + TICKET_OFFSET) >>> 2;
const CURRENT = (STRIPES_OFFSET + CURRENT_OFFSET) >>> 2;
const CALLS = (STRIPES_OFFSET + CALLS_OFFSET) >>> 2;
const REFUSED = (STRIPES_OFFSET + REFUSED_OFFSET) >>> 2;
const LATEST = (STRIPES_OFFSET + LATEST_OFFSET) >>> 3; // END is the next
const OPEN = STATE_OPEN;
const IN_A_ROW = CONSECUTIVE_OFFSET >>> 2;
const QUIET = CURRENT_QUIET;
const ROW = CURRENT_ROW;
const SHIFT = TICKET_SHIFT;
const NO_GENERATION = (1 << GENERATION_SHIFT) - 1;

/**
 * A ticket, or −1: refused, or 0: ask the module. `freed`: of the core, when the address was last known to be that of
 * the breaker.
 */
export function acquireShort(memory: LinearMemory, breaker: number, freed: number, now: number): number {
  const { u32, f64 } = memory;
  if (memory.shared !== false || (u32[FREED]! | 0) !== freed) return 0;
  const at = breaker >>> 2;
  const latest = (at >>> 1) + LATEST;
  if (!(now >= f64[latest]!)) return 0;
  const ticket = u32[at + TICKET]! | 0;
  const word = u32[at + WORD]! | 0;
  if (word === ticket << SHIFT) {
    if (!(now < f64[latest + 1]!)) return 0;
    f64[latest] = now;
    return ticket;
  }
  if ((word & NO_GENERATION) !== OPEN || !(now < f64[(at >>> 1) + DEADLINE]!)) return 0;
  f64[latest] = now;
  u32[at + REFUSED]!++;
  return -1;
}

/** A ticket, or 0: ask the module. Looks at no time and writes nothing. */
export function admitShort(memory: LinearMemory, breaker: number, freed: number): number {
  const { u32 } = memory;
  if (memory.shared !== false || (u32[FREED]! | 0) !== freed) return 0;
  const word = u32[(breaker >>> 2) + WORD]!;
  return (word & NO_GENERATION) === 0 ? word >>> SHIFT : 0;
}

/** Whether a success of one call, of unknown duration, is counted. */
export function succeedShort(memory: LinearMemory, breaker: number, ticket: number, now: number): boolean {
  if (memory.shared !== false) return false;
  const { u32, f64 } = memory;
  const at = breaker >>> 2;
  const latest = (at >>> 1) + LATEST;
  if ((u32[at + TICKET]! | 0) !== ticket || (u32[at + WORD]! | 0) !== ticket << SHIFT) return false;
  if (!(now < f64[latest + 1]! && now >= f64[latest]!)) return false;
  const current = u32[at + CURRENT]! | 0;
  const calls = u32[at + CALLS]! >>> 0;
  if (calls < (current & QUIET)) {
    u32[at + CALLS] = calls + 1;
  } else if ((current & ROW) === 0 || u32[at + IN_A_ROW] !== 0) {
    return false;
  }
  f64[latest] = now;
  return true;
}
