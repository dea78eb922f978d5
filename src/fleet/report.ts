/**
 * What a machine says of its busy endpoints, as bytes.
 *
 *   byte  0        2         4          8
 *        +--------+---------+----------+---- 16 bytes for each endpoint: f64 hash of its name, u32 calls, u32 failures
 *        | magic  | version | sequence | ...
 *        +--------+---------+----------+----
 */

const MAGIC = 0xb15e;
const VERSION = 1;
const HEADER_SIZE = 8;
const ENTRY_SIZE = 16;
/** Endpoints in a report: 1 MB. */
export const MAXIMUM_ENTRIES = 65_536;
/** Largest count in a report. */
const MAXIMUM_COUNT = 0xffff_ffff;

/** Calls that ended in a time window. */
export interface Counts {
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
}

/** Counts by the hash of the endpoint. */
export type CountsByHash = ReadonlyMap<number, Counts>;

export interface Report {
  /** Number of the report, modulo 2^32: a machine that hangs repeats none. */
  readonly sequence: number;
  readonly counts: CountsByHash;
}

/** A hash of 53 bits: two of 32 bits over the UTF-16 units, by Murmur's mixing steps. */
export function hashOf(endpoint: string): number {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let at = 0; at < endpoint.length; at++) {
    const unit = endpoint.charCodeAt(at);
    high = Math.imul(high ^ unit, 0xcc9e2d51);
    high = (high << 13) | (high >>> 19);
    low = Math.imul(low ^ unit, 0x1b873593);
    low = (low << 17) | (low >>> 15);
  }
  return (mixed(high ^ low) & 0x1f_ffff) * 2 ** 32 + mixed(low + Math.imul(high, 5));
}

function mixed(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The bytes of a report. Endpoints beyond MAXIMUM_ENTRIES are left out. */
export function encodeReport({ sequence, counts }: Report): Uint8Array {
  const size = Math.min(counts.size, MAXIMUM_ENTRIES);
  const bytes = new Uint8Array(HEADER_SIZE + size * ENTRY_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, MAGIC);
  view.setUint16(2, VERSION);
  view.setUint32(4, sequence);
  let at = HEADER_SIZE;
  for (const [hash, { calls, failures }] of counts) {
    if (at === bytes.length) break;
    view.setFloat64(at, hash);
    view.setUint32(at + 8, Math.min(calls, MAXIMUM_COUNT));
    view.setUint32(at + 12, Math.min(failures, MAXIMUM_COUNT));
    at += ENTRY_SIZE;
  }
  return bytes;
}

/** The report in those bytes; undefined where they are none, or where one of its numbers makes no sense. */
export function decodeReport(bytes: Uint8Array): Report | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length < HEADER_SIZE) return undefined;
  const size = (bytes.length - HEADER_SIZE) / ENTRY_SIZE;
  if (!Number.isInteger(size) || size > MAXIMUM_ENTRIES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(0) !== MAGIC || view.getUint16(2) !== VERSION) return undefined;
  const counts = new Map<number, Counts>();
  for (let at = HEADER_SIZE; at < bytes.length; at += ENTRY_SIZE) {
    const hash = view.getFloat64(at);
    const calls = view.getUint32(at + 8);
    const failures = view.getUint32(at + 12);
    if (!Number.isSafeInteger(hash) || hash < 0 || failures > calls) return undefined;
    counts.set(hash, { calls, failures });
  }
  return { sequence: view.getUint32(4), counts };
}
