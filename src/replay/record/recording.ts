/** A recording as a file: header and records, written and read. */
import { TraceError } from "../trace-error.ts";
import {
  DURATION_BITS,
  DURATION_UNKNOWN,
  ENDPOINT_BITS,
  ENDPOINT_MASK,
  ENDPOINT_SHIFT,
  FORM_FULL,
  FORM_LONG,
  FORM_MASK,
  FORM_SHORT,
  FORM_TIME,
  FULL_OP_MASK,
  FULL_WORDS,
  MAGIC,
  OP_ADMITTED,
  OP_CONFIGURE,
  OP_COUNT,
  OP_MASK,
  OP_REFUSED,
  OP_SHIFT,
  PREFIX_SIZE,
  type RecordingHeader,
  TICKS_PER_MS,
  TICKS_SHIFT,
  TIME_WORDS,
  VERSION,
} from "./format.ts";

/** A recording that was read. */
export interface Recording {
  /** What the words are about. */
  readonly header: RecordingHeader;
  /** The outcomes, packed; `readRecords` unpacks them. */
  readonly words: Uint32Array;
}

/** One record. The reader hands out the same object each time. */
export interface TraceRecord {
  /** An OP_ code. */
  op: number;
  /** Index in the header. */
  endpoint: number;
  atMs: number;
  /** Duration in ms (NaN: unknown), or the argument of the op. */
  argument: number;
  weight: number;
  /** 0: the plain ticket of the generation that the breaker is in. */
  ticket: number;
}

/** The bytes of a file. */
export function encodeRecording(header: RecordingHeader, words: Uint32Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 4) * 4;
  const bytes = new Uint8Array(PREFIX_SIZE + padded + words.length * 4).fill(
    32,
    PREFIX_SIZE,
    PREFIX_SIZE + padded,
  );
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, padded, true);
  view.setUint32(12, words.length, true);
  bytes.set(text, PREFIX_SIZE);
  for (let i = 0; i < words.length; i++) view.setUint32(PREFIX_SIZE + padded + i * 4, words[i]!, true);
  return bytes;
}

/** Whether bytes begin as a recording does. */
export function isRecording(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && [...MAGIC].every((letter, at) => bytes[at] === letter.charCodeAt(0));
}

/**
 * Reads header and words; records are checked when they are read.
 * @throws TraceError for another format or version, a truncated or a damaged one.
 */
export function decodeRecording(bytes: Uint8Array): Recording {
  if (bytes.length === 0) throw new TraceError("empty", "the trace is empty", "byte 0", 0);
  if (!isRecording(bytes)) throw new TraceError("foreign", "the trace is no recording", "byte 0", 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWhole = bytes.length >= PREFIX_SIZE && bytes.length >= PREFIX_SIZE + view.getUint32(8, true);
  if (!isWhole) throw new TraceError("truncated", "the header is truncated", `byte ${bytes.length}`, 0);
  const start = PREFIX_SIZE + view.getUint32(8, true);
  const header = readHeader(bytes.subarray(PREFIX_SIZE, start));
  const count = view.getUint32(12, true);
  const present = Math.min(count, Math.floor((bytes.length - start) / 4));
  const words = new Uint32Array(present);
  for (let i = 0; i < present; i++) words[i] = view.getUint32(start + i * 4, true);
  if (present < count) {
    let read = 0;
    try {
      read = countCalls({ header, words });
    } catch (error) {
      if (error instanceof TraceError) read = error.read;
    }
    const size = start + count * 4;
    throw new TraceError("truncated", `the trace of ${size} bytes ends`, `byte ${bytes.length}`, read);
  }
  return { header, words };
}

function readHeader(bytes: Uint8Array): RecordingHeader {
  let header: Partial<RecordingHeader>;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Partial<RecordingHeader>;
  } catch {
    throw new TraceError("damaged", "the header is no JSON", `byte ${PREFIX_SIZE}`, 0);
  }
  const { version, seed, endpoints, options } = header ?? {};
  if (version !== VERSION) {
    throw new TraceError(
      "foreign",
      `version must be ${VERSION}, got ${String(version)},`,
      `byte ${PREFIX_SIZE}`,
      0,
    );
  }
  const isGood =
    Array.isArray(seed) &&
    Array.isArray(endpoints) &&
    Array.isArray(options) &&
    endpoints.every(
      (one) => typeof one?.name === "string" && Number.isInteger(one.generation) && !!options[one.options],
    );
  if (!isGood) throw new TraceError("damaged", "the header is incomplete", `byte ${PREFIX_SIZE}`, 0);
  return header as RecordingHeader;
}

function countCalls(recording: Recording): number {
  let calls = 0;
  readRecords(recording, ({ op }) => {
    if (op <= OP_REFUSED && op !== OP_ADMITTED) calls++;
  });
  return calls;
}

/**
 * Hands out every record in its order.
 * @throws TraceError at a record that is damaged.
 */
export function readRecords({ header, words }: Recording, take: (record: TraceRecord) => void): void {
  const record: TraceRecord = { op: 0, endpoint: 0, atMs: 0, argument: 0, weight: 1, ticket: 0 };
  const f64 = new Float64Array(1);
  const split = new Uint32Array(f64.buffer);
  const readF64 = (at: number) => {
    split[0] = words[at]!;
    split[1] = words[at + 1]!;
    return f64[0]!;
  };
  const { length } = words;
  const endpoints = header.endpoints.length;
  let read = 0;
  let atMs = Number.NaN;
  let at = 0;
  while (at < length) {
    const word = words[at]!;
    const form = word & FORM_MASK;
    const size =
      form === FORM_TIME ? TIME_WORDS : form === FORM_FULL ? FULL_WORDS : form === FORM_LONG ? 2 : 1;
    if (at + size > length) throw damaged("a record is incomplete", at, read);
    if (form === FORM_TIME) {
      atMs = readF64(at + 1);
      at += size;
      continue;
    }
    if (form === FORM_FULL) {
      record.op = (word >>> OP_SHIFT) & FULL_OP_MASK;
      record.endpoint = words[at + 1]!;
      atMs = readF64(at + 2);
      record.argument = readF64(at + 4);
      record.weight = words[at + 6]!;
      record.ticket = words[at + 7]!;
    } else {
      readCompact(record, word, form === FORM_SHORT ? undefined : words[at + 1]!);
      atMs += (word >>> TICKS_SHIFT) / TICKS_PER_MS;
    }
    record.atMs = atMs;
    if (record.op >= OP_COUNT || record.endpoint >= endpoints || !(atMs >= 0))
      throw damaged("a record is damaged", at, read);
    if (record.op === OP_CONFIGURE && !header.options[record.argument])
      throw damaged("options are missing", at, read);
    take(record);
    if (record.op <= OP_REFUSED && record.op !== OP_ADMITTED) read++;
    at += size;
  }
}

function readCompact(record: TraceRecord, word: number, second: number | undefined): void {
  record.op = (word >>> OP_SHIFT) & OP_MASK;
  record.endpoint = (word >>> ENDPOINT_SHIFT) & ENDPOINT_MASK;
  record.argument = Number.NaN;
  record.weight = 1;
  record.ticket = 0;
  if (second === undefined) return;
  const ticks = second & DURATION_UNKNOWN;
  record.endpoint |= (second >>> DURATION_BITS) << ENDPOINT_BITS;
  if (ticks !== DURATION_UNKNOWN) record.argument = ticks / TICKS_PER_MS;
}

function damaged(what: string, word: number, read: number): TraceError {
  return new TraceError("damaged", what, `word ${word} of the records`, read);
}
