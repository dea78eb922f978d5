/**
 * One event as bytes in a segment.
 *
 *   byte  0         4         8         16         24        28            28 + meta
 *        +---------+---------+---------+----------+---------+-------------+----------------+
 *        | length  | CRC-32  | id      | time     | meta    | metadata    | text           |
 *        +---------+---------+---------+----------+---------+-------------+----------------+
 *
 * Little-endian. `length`: bytes behind the CRC. CRC-32 (IEEE 802.3) of those bytes. `id`, `time`: f64; the time is that of the
 * append in ms. `meta`: bytes of the metadata, which is JSON, or 0. `text`: the JSON of the event, to the end of the record.
 */
import { crc32 } from "node:zlib";

/** Bytes before `id`. */
export const HEAD_SIZE = 8;
/** Bytes before the metadata. */
export const FIXED_SIZE = 28;
/** Bytes of a record behind its CRC, at most: 256 MiB. */
export const MAXIMUM_RECORD_SIZE = 268_435_456;

/** An event of the log. */
export interface LogRecord {
  /** Counts the events of a log from 1. */
  readonly id: number;
  /** When it was appended, in ms since 1970. */
  readonly timeMs: number;
  /** The JSON of its metadata; undefined: it has none. */
  readonly meta: string | undefined;
  /** Its JSON text in UTF-8, without a line feed. */
  readonly text: Uint8Array;
}

const ENCODER = new TextEncoder();

/** The bytes of a record. @throws RangeError for one of more than 256 MiB. */
export function encodeRecord({ id, timeMs, meta, text }: LogRecord): Uint8Array {
  const metaBytes = meta === undefined ? undefined : ENCODER.encode(meta);
  const metaSize = metaBytes?.length ?? 0;
  const size = FIXED_SIZE + metaSize + text.length;
  if (size - HEAD_SIZE > MAXIMUM_RECORD_SIZE) {
    throw new RangeError(`an event of the log must have at most ${MAXIMUM_RECORD_SIZE} bytes, got ${size}`);
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, size - HEAD_SIZE, true);
  view.setFloat64(8, id, true);
  view.setFloat64(16, timeMs, true);
  view.setUint32(24, metaSize, true);
  if (metaBytes !== undefined) bytes.set(metaBytes, FIXED_SIZE);
  bytes.set(text, FIXED_SIZE + metaSize);
  view.setUint32(4, crc32(bytes.subarray(HEAD_SIZE)), true);
  return bytes;
}

/** What stands at a place of a segment: a record and its size in bytes, or why there is none. */
export type Decoded =
  | { readonly kind: "record"; readonly record: LogRecord; readonly size: number }
  /** More bytes are needed, this many from the place on. */
  | { readonly kind: "partial"; readonly size: number }
  | { readonly kind: "corrupt"; readonly reason: string };

/** Reads the record at `offset`. Its text is a view of `bytes`. */
export function decodeRecord(bytes: Uint8Array, offset: number): Decoded {
  const left = bytes.length - offset;
  if (left < HEAD_SIZE) return { kind: "partial", size: HEAD_SIZE };
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const length = view.getUint32(0, true);
  if (length < FIXED_SIZE - HEAD_SIZE || length > MAXIMUM_RECORD_SIZE) {
    return { kind: "corrupt", reason: `a record of ${length} bytes` };
  }
  const size = HEAD_SIZE + length;
  if (left < size) return { kind: "partial", size };
  const body = bytes.subarray(offset + HEAD_SIZE, offset + size);
  if (crc32(body) !== view.getUint32(4, true)) return { kind: "corrupt", reason: "a wrong checksum" };
  const metaSize = view.getUint32(24, true);
  if (metaSize > length - (FIXED_SIZE - HEAD_SIZE))
    return { kind: "corrupt", reason: "a wrong size of metadata" };
  const metaAt = offset + FIXED_SIZE;
  const meta = metaSize === 0 ? undefined : Buffer.from(bytes.subarray(metaAt, metaAt + metaSize)).toString();
  const text = bytes.subarray(metaAt + metaSize, offset + size);
  return {
    kind: "record",
    size,
    record: { id: view.getFloat64(8, true), timeMs: view.getFloat64(16, true), meta, text },
  };
}
