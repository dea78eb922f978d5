/** Breakers as compact, versioned, checksummed bytes. The format is written down in docs/export-format.md. */

import { isOptionError } from "../options/check.ts";
import type { Detector } from "../options/detector.ts";
import { type CircuitBreakerOptions, type ResolvedOptions, resolveOptions } from "../options/options.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { type Capture, readCapture, writeCapture } from "./capture.ts";
import { crc32 } from "./checksum.ts";
import { ImportError } from "./importerror.ts";

/** Raised by one with every change of the format; older ones stay readable. */
export const ARCHIVE_VERSION = 1;

/** Not text at the first byte, and changed by whoever takes the bytes for text: the end of a line is in it. */
const MAGIC = Uint8Array.of(0xb5, 0x62, 0x6c, 0x75, 0x65, 0x0d, 0x0a, 0x1a);
const VERSION_AT = MAGIC.length;
const SIZE_AT = VERSION_AT + 4;
const CHECKSUM_AT = SIZE_AT + 4;
const HEAD_SIZE = CHECKSUM_AT + 4;
/** Options as JSON: 64 delays of 20 digits and everything else take 2,500 characters at most. */
const LONGEST_OPTIONS = 10_000;

/** All captures in one blob; each is taken and forgotten. */
export function pack(captures: Iterable<Capture>): Uint8Array<ArrayBuffer> {
  const options = new OptionsList();
  const breakers = new ByteWriter();
  let count = 0;
  for (const capture of captures) {
    writeCapture(breakers, capture, options.indexOf(capture.options));
    count++;
  }
  const out = new ByteWriter();
  out.raw(MAGIC);
  out.u32(ARCHIVE_VERSION);
  out.u32(0);
  out.u32(0);
  out.count(options.texts.length);
  for (const text of options.texts) out.text(text);
  out.count(count);
  out.raw(breakers.bytes);
  const bytes = out.bytes.slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(SIZE_AT, bytes.length, true);
  view.setUint32(CHECKSUM_AT, checksumOf(bytes), true);
  return bytes;
}

/** Different options, each once. */
class OptionsList {
  readonly texts: string[] = [];
  readonly #byText = new Map<string, number>();
  readonly #byObject = new Map<ResolvedOptions, number>();

  indexOf(options: ResolvedOptions): number {
    const known = this.#byObject.get(options);
    if (known !== undefined) return known;
    const text = textOf(options);
    const index = this.#byText.get(text) ?? this.texts.push(text) - 1;
    this.#byText.set(text, index);
    this.#byObject.set(options, index);
    return index;
  }
}

/** What `pack` packed. Everything is checked at once; captures are read again when they are asked for, one by one. */
export class Archive implements Iterable<Capture> {
  readonly #bytes: Uint8Array;
  readonly #options: readonly ResolvedOptions[];
  /** Offset of the first capture. */
  readonly #start: number;
  /** How many there are. */
  readonly size: number;

  /** @throws ImportError for anything else; TypeError when it is no Uint8Array. */
  constructor(bytes: Uint8Array) {
    if (Object.prototype.toString.call(bytes) !== "[object Uint8Array]") {
      throw new TypeError(`bytes must be a Uint8Array, got ${String(bytes)}`);
    }
    this.#bytes = bytes.slice(); // another thread may write what it was given
    const body = openArchive(this.#bytes);
    this.#options = Array.from({ length: countOf(body) }, () => optionsOf(body.text(LONGEST_OPTIONS)));
    this.size = countOf(body);
    this.#start = this.#bytes.length - body.left;
    this.#check(body);
  }

  #check(body: ByteReader): void {
    const names = new Set<string>();
    for (let index = 0; index < this.size; index++) names.add(readCapture(body, this.#options).name);
    if (body.left > 0) throw new ImportError("content", `${body.left} bytes more than there are breakers`);
    if (names.size < this.size) throw new ImportError("content", "two breakers of one name");
  }

  *[Symbol.iterator](): IterableIterator<Capture> {
    const body = new ByteReader(this.#bytes.subarray(this.#start));
    for (let index = 0; index < this.size; index++) yield readCapture(body, this.#options);
  }
}

/**
 * The capture of a blob that holds one.
 * @throws ImportError for anything else.
 */
export function unpackOne(bytes: Uint8Array): Capture {
  const archive = new Archive(bytes);
  const [only] = archive;
  if (only === undefined || archive.size > 1) {
    throw new ImportError("content", `${archive.size} breakers, and one is wanted`);
  }
  return only;
}

/** Checks the head; the reader stands behind it. */
function openArchive(bytes: Uint8Array): ByteReader {
  if (MAGIC.some((byte, index) => index < bytes.length && bytes[index] !== byte) || bytes.length === 0) {
    throw new ImportError("foreign", "they begin with something else");
  }
  if (bytes.length < HEAD_SIZE) throw new ImportError("truncated", `${bytes.length} are no whole head`);
  const head = new ByteReader(bytes);
  head.raw(MAGIC.length);
  const [version, size, checksum] = [head.u32(), head.u32(), head.u32()];
  if (version !== ARCHIVE_VERSION) {
    throw new ImportError("version", `${version}, and this library reads ${ARCHIVE_VERSION}`);
  }
  if (bytes.length !== size) throw new ImportError("truncated", `there are ${bytes.length}, and not ${size}`);
  const found = checksumOf(bytes);
  if (found !== checksum) throw new ImportError("damaged", `checksum ${found}, and not ${checksum}`);
  return head;
}

/** Of all bytes but its own. */
function checksumOf(bytes: Uint8Array): number {
  return crc32(bytes.subarray(HEAD_SIZE), crc32(bytes.subarray(0, CHECKSUM_AT)));
}

/** How many of something follow, each of which takes a byte at least. */
function countOf(body: ByteReader): number {
  const count = body.count();
  if (count > body.left) throw new ImportError("content", `${count} things in ${body.left} bytes`);
  return count;
}

/** Options as JSON that `resolveOptions` reads back to the same. */
function textOf({ detectors, backoff, decayMs, halfOpen, mode }: ResolvedOptions): string {
  const options: Record<keyof CircuitBreakerOptions, unknown> = {
    detector: detectors.map(spell),
    backoff: { kind: "steps", delaysMs: backoff.delaysMs, jitter: backoff.jitter },
    decayMs,
    halfOpen,
    mode,
  };
  return JSON.stringify(options);
}

/** Where no call is slow, both limits are left out: JSON leaves out what is undefined. */
function spell(detector: Detector): object {
  if (detector.kind === "consecutive_failures" || detector.slowCallMs !== undefined) return detector;
  return { ...detector, maximumSlowRate: undefined };
}

function optionsOf(text: string): ResolvedOptions {
  try {
    return resolveOptions(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !isOptionError(error)) throw error;
    throw new ImportError("content", `options: ${error.message}`, { cause: error });
  }
}
