/**
 * One event as bytes in a segment.
 *
 *   byte  0        4        8         12         20         28        32
 *        +--------+--------+---------+----------+----------+---------+----------+------+
 *        | marker | CRC-32 | length  | id       | time     | meta    | metadata | text |
 *        +--------+--------+---------+----------+----------+---------+----------+------+
 *
 * Little-endian. `marker`: MARKER. CRC-32 (IEEE 802.3) of all bytes behind it. `length`: bytes of metadata and text. `id`, `time`:
 * f64; the time is that of the append in ms. `meta`: bytes of the metadata, which is JSON, or 0. `text`: the JSON of the event.
 */
import { crc32 } from "node:zlib";
import type { RawText } from "../../ndjson/raw-text.ts";
import { decodeLeniently } from "../../ndjson/utf8.ts";

/** Bytes before the metadata. */
export const HEAD_SIZE = 32;
/** Bytes of metadata and text, at most: 256 MiB. */
export const MAXIMUM_CONTENT_SIZE = 268_435_456;
/** Begins a record. 0xff is in no UTF-8, so behind a damaged place the next record is found without a false start. */
export const MARKER: Uint8Array = Uint8Array.of(0xff, 0x42, 0x53, 0xff);

const MARKER_VALUE = new DataView(MARKER.buffer).getUint32(0, true);
const CRC_OFFSET = 4;
/** The checksum covers what begins here. */
const CHECKED_OFFSET = 8;
const LENGTH_OFFSET = CHECKED_OFFSET;
const ID_OFFSET = LENGTH_OFFSET + 4;
const TIME_OFFSET = ID_OFFSET + 8;
const META_OFFSET = TIME_OFFSET + 8;

/** An event of the log, and its JSON text in UTF-8, without a line feed. */
export interface LogRecord extends RawText {
  readonly kind: "record";
  /** Counts the events of a log from 1. */
  readonly id: number;
  /** When it was appended, in ms since 1970. */
  readonly timeMs: number;
  /** The JSON of its metadata; undefined: it has none. */
  readonly meta: string | undefined;
}

/**
 * Writes the numbers of a record at `at`, in front of its content, which is there already. They are arguments and no object,
 * since this is done for every event.
 */
export function sealRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  id: number,
  timeMs: number,
  metaSize: number,
  contentSize: number,
): void {
  view.setUint32(at, MARKER_VALUE, true);
  view.setUint32(at + LENGTH_OFFSET, contentSize, true);
  view.setFloat64(at + ID_OFFSET, id, true);
  view.setFloat64(at + TIME_OFFSET, timeMs, true);
  view.setUint32(at + META_OFFSET, metaSize, true);
  const checked = bytes.subarray(at + CHECKED_OFFSET, at + HEAD_SIZE + contentSize);
  view.setUint32(at + CRC_OFFSET, crc32(checked), true);
}

/** What stands at a place of a segment: a record, or why there is none. */
export type Decoded =
  | LogRecord
  /** More bytes are needed, this many from the place on. */
  | { readonly kind: "partial"; readonly size: number }
  | { readonly kind: "corrupt"; readonly reason: string };

/** Reads the record at `at` of the first `end` bytes, of which `view` is a view. Its text is one, too. */
export function decodeRecord(bytes: Uint8Array, view: DataView, at: number, end: number): Decoded {
  if (end - at < HEAD_SIZE) return { kind: "partial", size: HEAD_SIZE };
  if (view.getUint32(at, true) !== MARKER_VALUE) return { kind: "corrupt", reason: "no record begins" };
  const contentSize = view.getUint32(at + LENGTH_OFFSET, true);
  const metaSize = view.getUint32(at + META_OFFSET, true);
  if (contentSize > MAXIMUM_CONTENT_SIZE || metaSize > contentSize) {
    return { kind: "corrupt", reason: `a record of ${contentSize} bytes` };
  }
  const size = HEAD_SIZE + contentSize;
  if (end - at < size) return { kind: "partial", size };
  const checked = bytes.subarray(at + CHECKED_OFFSET, at + size);
  if (crc32(checked) !== view.getUint32(at + CRC_OFFSET, true)) {
    return { kind: "corrupt", reason: "a wrong checksum" };
  }
  const start = at + HEAD_SIZE + metaSize;
  return {
    kind: "record",
    id: view.getFloat64(at + ID_OFFSET, true),
    timeMs: view.getFloat64(at + TIME_OFFSET, true),
    meta: metaSize === 0 ? undefined : decodeLeniently(bytes.subarray(at + HEAD_SIZE, start)),
    bytes,
    start,
    end: at + size,
  };
}
