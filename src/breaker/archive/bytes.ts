/** Writing and reading numbers and texts as bytes, little-endian. */
import { ImportError } from "./importerror.ts";

const SEVEN_BITS = 0x7f;
const CONTINUES = 0x80;

/** Appends; grows as needed. */
export class ByteWriter {
  #bytes = new Uint8Array(1_024);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  /** What was written so far; a view that the next write may leave behind. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#size);
  }

  u8(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  f32(value: number): void {
    const at = this.#take(4);
    this.#view.setFloat32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  /** A whole number from 0 to 2^32 − 1, seven bits a byte, the lowest first (LEB128). */
  count(value: number): void {
    let rest = value;
    for (; rest > SEVEN_BITS; rest >>>= 7) this.u8((rest & SEVEN_BITS) | CONTINUES);
    this.u8(rest);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** UTF-16 units as they are, lone surrogates too; a byte each where all of them are below 256. */
  text(text: string): void {
    let wide = 0;
    for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) wide = 1;
    this.count(text.length * 2 + wide);
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      this.u8(unit & 0xff);
      if (wide) this.u8(unit >>> 8);
    }
  }

  /** Room for so many more: call it before touching the bytes, which it may replace. */
  #take(size: number): number {
    const at = this.#size;
    this.#size += size;
    if (this.#size > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(this.#size, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Reads what a ByteWriter wrote. Every method throws an ImportError where the bytes end too soon. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#pass(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#pass(4), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#pass(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#pass(8), true);
  }

  count(): number {
    const first = this.u8();
    if (first < CONTINUES) return first;
    let value = first & SEVEN_BITS;
    for (let weight = 128; ; weight *= 128) {
      const byte = this.u8();
      value += (byte & SEVEN_BITS) * weight;
      if (value > 0xffff_ffff || weight > 2 ** 28)
        throw new ImportError("content", "a number above 2^32 - 1");
      if (byte < CONTINUES) return value;
    }
  }

  raw(size: number): Uint8Array {
    const at = this.#pass(size);
    return this.#bytes.subarray(at, at + size);
  }

  /** `longest`: most UTF-16 units; at most 10,000, which a call can have as arguments everywhere. */
  text(longest: number): string {
    const head = this.count();
    const [length, wide] = [head >>> 1, head & 1];
    if (length > longest) throw new ImportError("content", `a text of ${length} characters`);
    const bytes = this.raw(length << wide);
    if (!wide) return String.fromCharCode(...bytes);
    const units = Array.from({ length }, (_, index) => bytes[index * 2]! | (bytes[index * 2 + 1]! << 8));
    return String.fromCharCode(...units);
  }

  #pass(size: number): number {
    const at = this.#at;
    if (size > this.left) throw new ImportError("content", "something that ends before it is complete");
    this.#at += size;
    return at;
  }
}
