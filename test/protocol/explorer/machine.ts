/**
 * Threads that run the compiled core one access to memory after the other, on one memory.
 *
 * A thread stops before each access that another thread could notice or disturb: a reading of a word that another thread
 * writes, a writing of one that another thread reads or writes. Which words those are is found out while threads run
 * (`Accesses`). All other instructions commute with those of other threads, so their order is not worth trying.
 */
import {
  CALL,
  CONSTANT,
  type CompiledModule,
  JUMP,
  JUMP_IF,
  JUMP_UNLESS,
  MEMORY_FILL,
  MOVE,
  PREFIX_FC,
  PREFIX_FE,
  RETURN,
  SELECT,
} from "./code.ts";

const REGISTERS = 512;
const FRAMES = 32;

const READS = 1;
const WRITES = 2;
/** It is of eight bytes. */
const WIDE = 4;

/** What an instruction does to memory. */
function accessOf(op: number): number {
  const isWide = [0x29, 0x2b, 0x37, 0x39, 0x211, 0x218, 0x21f, 0x249].includes(op) ? WIDE : 0;
  if ((op >= 0x28 && op <= 0x35) || op === 0x210 || op === 0x211) return READS | isWide;
  if ((op >= 0x36 && op <= 0x3e) || op === 0x217 || op === 0x218) return WRITES | isWide;
  return op >= PREFIX_FE ? READS | WRITES | isWide : 0;
}

/** An access that a thread is about to make. */
export interface Access {
  word: number;
  size: number;
  isRead: boolean;
  isWrite: boolean;
}

/** Which threads read and write each word of memory, a bit for each thread. */
export class Accesses {
  readonly readers: Uint8Array;
  readonly writers: Uint8Array;
  /** Words that were ever written. */
  readonly written: number[] = [];
  /** Whether something was added since it was last set to false. */
  hasGrown = false;

  constructor(words: number) {
    this.readers = new Uint8Array(words);
    this.writers = new Uint8Array(words);
  }

  /** Notes an access of a thread to a word; whether another thread could notice it. */
  note(word: number, bit: number, isWrite: boolean): boolean {
    if (isWrite) {
      const before = this.writers[word]!;
      if (!(before & bit)) {
        if (before === 0) this.written.push(word);
        this.writers[word] = before | bit;
        this.hasGrown = true;
      }
      return ((before | this.readers[word]!) & ~bit) !== 0;
    }
    const before = this.readers[word]!;
    if (!(before & bit)) {
      this.readers[word] = before | bit;
      this.hasGrown = true;
    }
    return (this.writers[word]! & ~bit) !== 0;
  }
}

export class Machine {
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly i64: BigInt64Array;
  readonly accesses: Accesses;
  readonly module: CompiledModule;
  readonly #u8: Uint8Array;
  readonly #f32: Float32Array;
  readonly #f64: Float64Array;
  readonly code: Int32Array;
  readonly b64: BigInt64Array;

  constructor(module: CompiledModule, buffer: ArrayBufferLike) {
    this.module = module;
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.#u8 = new Uint8Array(buffer);
    this.#f32 = new Float32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.accesses = new Accesses(this.u32.length);
    this.b64 = new BigInt64Array(module.f64.buffer);
    this.code = new Int32Array(module.instructions.length * 8);
    module.instructions.forEach(({ op, a, b, c, d, n, kinds }, index) => {
      this.code.set([op, a, b, c, d, n, kinds, accessOf(op)], index * 8);
    });
  }

  /**
   * Runs a thread until it stops before an access that others could notice, or its function returns. `goes`: it stands
   * before such an access, which it takes. Whether the function has returned.
   */
  run(thread: Thread, goes: boolean): boolean {
    const { code, i32: m32, accesses } = this;
    const { r32, r64, q64, bit } = thread;
    let { at, base } = thread;
    let mayGo = goes;
    const isSeen = (address: number, size: number, isWrite: boolean): boolean => {
      const seen = accesses.note(address >>> 2, bit, isWrite);
      const upper = size === 8 && accesses.note((address >>> 2) + 1, bit, isWrite);
      return seen || upper;
    };
    for (;;) {
      const p = at << 3;
      const op = code[p]!;
      const a = code[p + 1]! + base;
      const b = code[p + 2]! + base;
      const d = code[p + 4]! + base;
      const n = code[p + 5]!;
      switch (op) {
        case MOVE:
          if (code[p + 6]! & 1) r64[d] = r64[a]!;
          else r32[d] = r32[a]!;
          break;
        case CONSTANT:
          if (code[p + 6]! & 8) q64[d] = this.b64[n]!;
          else r32[d] = Number(this.b64[n]!);
          break;
        case JUMP:
          at = n;
          continue;
        case JUMP_IF:
          if (r32[a]) {
            at = n;
            continue;
          }
          break;
        case JUMP_UNLESS:
          if (!r32[a]) {
            at = n;
            continue;
          }
          break;
        case SELECT: {
          const from = r32[code[p + 3]! + base] ? a : b;
          if (code[p + 6]! & 1) r64[d] = r64[from]!;
          else r32[d] = r32[from]!;
          break;
        }
        case CALL: {
          const callee = this.module.functions[n]!;
          thread.push(at, base);
          base = a;
          for (let local = callee.parameters.length; local < callee.locals.length; local++) {
            r32[base + local] = 0;
            r64[base + local] = 0;
          }
          at = callee.start;
          continue;
        }
        case RETURN: {
          if (a >= base) {
            r32[base] = r32[a]!;
            r64[base] = r64[a]!;
          }
          if (thread.depth === 0) {
            thread.at = at;
            thread.base = base;
            return true;
          }
          thread.depth--;
          at = thread.returns[thread.depth]! + 1;
          base = thread.bases[thread.depth]!;
          continue;
        }
        case MEMORY_FILL: {
          // Word by word: it is no atomic access.
          const size = code[p + 3]! + base;
          if (r32[size] === 0) break;
          const address = r32[a]!;
          if (isSeen(address, 4, true) && !mayGo) {
            thread.at = at;
            thread.base = base;
            return false;
          }
          mayGo = false;
          m32[address >>> 2] = 0;
          r32[a] = address + 4;
          r32[size] = r32[size]! - 4;
          continue;
        }
        case 0x45:
          r32[d] = r32[a] === 0 ? 1 : 0;
          break;
        case 0x46:
          r32[d] = r32[a] === r32[b] ? 1 : 0;
          break;
        case 0x47:
          r32[d] = r32[a] !== r32[b] ? 1 : 0;
          break;
        case 0x48:
          r32[d] = r32[a]! < r32[b]! ? 1 : 0;
          break;
        case 0x49:
          r32[d] = r32[a]! >>> 0 < r32[b]! >>> 0 ? 1 : 0;
          break;
        case 0x4a:
          r32[d] = r32[a]! > r32[b]! ? 1 : 0;
          break;
        case 0x4b:
          r32[d] = r32[a]! >>> 0 > r32[b]! >>> 0 ? 1 : 0;
          break;
        case 0x4c:
          r32[d] = r32[a]! <= r32[b]! ? 1 : 0;
          break;
        case 0x4d:
          r32[d] = r32[a]! >>> 0 <= r32[b]! >>> 0 ? 1 : 0;
          break;
        case 0x4e:
          r32[d] = r32[a]! >= r32[b]! ? 1 : 0;
          break;
        case 0x4f:
          r32[d] = r32[a]! >>> 0 >= r32[b]! >>> 0 ? 1 : 0;
          break;
        case 0x50:
          r32[d] = q64[a] === 0n ? 1 : 0;
          break;
        case 0x51:
          r32[d] = q64[a] === q64[b] ? 1 : 0;
          break;
        case 0x52:
          r32[d] = q64[a] !== q64[b] ? 1 : 0;
          break;
        case 0x54:
          r32[d] = BigInt.asUintN(64, q64[a]!) < BigInt.asUintN(64, q64[b]!) ? 1 : 0;
          break;
        case 0x56:
          r32[d] = BigInt.asUintN(64, q64[a]!) > BigInt.asUintN(64, q64[b]!) ? 1 : 0;
          break;
        case 0x58:
          r32[d] = BigInt.asUintN(64, q64[a]!) <= BigInt.asUintN(64, q64[b]!) ? 1 : 0;
          break;
        case 0x5a:
          r32[d] = BigInt.asUintN(64, q64[a]!) >= BigInt.asUintN(64, q64[b]!) ? 1 : 0;
          break;
        case 0x61:
          r32[d] = r64[a] === r64[b] ? 1 : 0;
          break;
        case 0x62:
          r32[d] = r64[a] !== r64[b] ? 1 : 0;
          break;
        case 0x63:
          r32[d] = r64[a]! < r64[b]! ? 1 : 0;
          break;
        case 0x64:
          r32[d] = r64[a]! > r64[b]! ? 1 : 0;
          break;
        case 0x65:
          r32[d] = r64[a]! <= r64[b]! ? 1 : 0;
          break;
        case 0x66:
          r32[d] = r64[a]! >= r64[b]! ? 1 : 0;
          break;
        case 0x67:
          r32[d] = Math.clz32(r32[a]!);
          break;
        case 0x6a:
          r32[d] = r32[a]! + r32[b]!;
          break;
        case 0x6b:
          r32[d] = r32[a]! - r32[b]!;
          break;
        case 0x6c:
          r32[d] = Math.imul(r32[a]!, r32[b]!);
          break;
        case 0x6e:
          r32[d] = (r32[a]! >>> 0) / (r32[b]! >>> 0);
          break;
        case 0x70:
          r32[d] = (r32[a]! >>> 0) % (r32[b]! >>> 0);
          break;
        case 0x71:
          r32[d] = r32[a]! & r32[b]!;
          break;
        case 0x72:
          r32[d] = r32[a]! | r32[b]!;
          break;
        case 0x73:
          r32[d] = r32[a]! ^ r32[b]!;
          break;
        case 0x74:
          r32[d] = r32[a]! << r32[b]!;
          break;
        case 0x75:
          r32[d] = r32[a]! >> r32[b]!;
          break;
        case 0x76:
          r32[d] = r32[a]! >>> r32[b]!;
          break;
        case 0x78:
          r32[d] = (r32[a]! >>> (r32[b]! & 31)) | (r32[a]! << -(r32[b]! & 31));
          break;
        case 0x7c:
          q64[d] = q64[a]! + q64[b]!;
          break;
        case 0x7d:
          q64[d] = q64[a]! - q64[b]!;
          break;
        case 0x7e:
          q64[d] = q64[a]! * q64[b]!;
          break;
        case 0x80:
          q64[d] = BigInt.asUintN(64, q64[a]!) / BigInt.asUintN(64, q64[b]!);
          break;
        case 0x82:
          q64[d] = BigInt.asUintN(64, q64[a]!) % BigInt.asUintN(64, q64[b]!);
          break;
        case 0x83:
          q64[d] = q64[a]! & q64[b]!;
          break;
        case 0x84:
          q64[d] = q64[a]! | q64[b]!;
          break;
        case 0x85:
          q64[d] = q64[a]! ^ q64[b]!;
          break;
        case 0x86:
          q64[d] = q64[a]! << (q64[b]! & 63n);
          break;
        case 0x88:
          q64[d] = BigInt.asUintN(64, q64[a]!) >> (q64[b]! & 63n);
          break;
        case 0x9b:
          r64[d] = Math.ceil(r64[a]!);
          break;
        case 0x9c:
          r64[d] = Math.floor(r64[a]!);
          break;
        case 0x9e: {
          const whole = Math.floor(r64[a]!);
          const rest = r64[a]! - whole;
          r64[d] = rest < 0.5 || (rest === 0.5 && whole % 2 === 0) ? whole : whole + 1;
          break;
        }
        case 0xa0:
          r64[d] = r64[a]! + r64[b]!;
          break;
        case 0xa1:
          r64[d] = r64[a]! - r64[b]!;
          break;
        case 0xa2:
          r64[d] = r64[a]! * r64[b]!;
          break;
        case 0xa3:
          r64[d] = r64[a]! / r64[b]!;
          break;
        case 0xa4:
          r64[d] = Math.min(r64[a]!, r64[b]!);
          break;
        case 0xa5:
          r64[d] = Math.max(r64[a]!, r64[b]!);
          break;
        case 0xa7:
          r32[d] = r32Of(q64[a]!);
          break;
        case 0xac:
          q64[d] = BigInt(r32[a]!);
          break;
        case 0xad:
          q64[d] = BigInt(r32[a]! >>> 0);
          break;
        case 0xb6:
          r64[d] = Math.fround(r64[a]!);
          break;
        case 0xb7:
          r64[d] = r32[a]!;
          break;
        case 0xb8:
          r64[d] = r32[a]! >>> 0;
          break;
        case 0xb9:
          r64[d] = Number(q64[a]!);
          break;
        case 0xba:
          r64[d] = Number(BigInt.asUintN(64, q64[a]!));
          break;
        case 0xbb:
        case 0xbd:
        case 0xbf:
          r64[d] = r64[a]!;
          break;
        case PREFIX_FC + 2:
          r32[d] = saturated(r64[a]!, -0x80000000, 0x7fffffff);
          break;
        case PREFIX_FC + 3:
          r32[d] = saturated(r64[a]!, 0, 0xffffffff);
          break;
        case PREFIX_FC + 7:
          q64[d] = BigInt(Math.floor(Math.max(0, Math.min(r64[a]!, 2 ** 63))) || 0);
          break;
        default: {
          // An access to memory.
          const address = r32[a]! + n;
          const what = code[p + 7]!;
          const size = what & WIDE ? 8 : 4;
          let seen = false;
          if (what & READS) seen = isSeen(address, size, false);
          if (what & WRITES) seen = isSeen(address, size, true) || seen;
          if (seen && !mayGo) {
            thread.at = at;
            thread.base = base;
            return false;
          }
          mayGo = false;
          this.#access(thread, op, address, b, code[p + 3]! + base, d);
        }
      }
      at++;
    }
  }

  /** The access before which a thread has stopped. */
  pending({ at, base, r32 }: Thread, to: Access): Access {
    const p = at << 3;
    const what = this.code[p + 7]!;
    const isFill = this.code[p] === MEMORY_FILL;
    to.word = (r32[this.code[p + 1]! + base]! + (isFill ? 0 : this.code[p + 5]!)) >>> 2;
    to.size = what & WIDE ? 8 : 4;
    to.isRead = (what & READS) !== 0;
    to.isWrite = isFill || (what & WRITES) !== 0;
    return to;
  }

  #access({ r32, r64, q64 }: Thread, op: number, address: number, b: number, c: number, d: number): void {
    const { i32: m32, i64: m64 } = this;
    switch (op) {
      case 0x28:
      case PREFIX_FE + 0x10:
        r32[d] = m32[address >>> 2]!;
        return;
      case 0x29:
      case PREFIX_FE + 0x11:
        q64[d] = m64[address >>> 3]!;
        return;
      case 0x2a:
        r64[d] = this.#f32[address >>> 2]!;
        return;
      case 0x2b:
        r64[d] = this.#f64[address >>> 3]!;
        return;
      case 0x2d:
        r32[d] = this.#u8[address]!;
        return;
      case 0x35:
        q64[d] = BigInt(m32[address >>> 2]! >>> 0);
        return;
      case 0x36:
      case PREFIX_FE + 0x17:
        m32[address >>> 2] = r32[b]!;
        return;
      case 0x37:
      case PREFIX_FE + 0x18:
        m64[address >>> 3] = q64[b]!;
        return;
      case 0x38:
        this.#f32[address >>> 2] = r64[b]!;
        return;
      case 0x39:
        this.#f64[address >>> 3] = r64[b]!;
        return;
      case 0x3a:
        this.#u8[address] = r32[b]!;
        return;
      case PREFIX_FE + 0x1f: {
        const before = m64[address >>> 3]!;
        m64[address >>> 3] = before + q64[b]!;
        q64[d] = before;
        return;
      }
      case PREFIX_FE + 0x1e: {
        const before = m32[address >>> 2]!;
        m32[address >>> 2] = before + r32[b]!;
        r32[d] = before;
        return;
      }
      case PREFIX_FE + 0x48: {
        const before = m32[address >>> 2]!;
        if (before === r32[b]) m32[address >>> 2] = r32[c]!;
        r32[d] = before;
        return;
      }
      case PREFIX_FE + 0x49: {
        const before = m64[address >>> 3]!;
        if (before === q64[b]) m64[address >>> 3] = q64[c]!;
        q64[d] = before;
        return;
      }
      default:
        throw new Error(`the explorer does not run the instruction 0x${op.toString(16)}`);
    }
  }
}

function r32Of(bits: bigint): number {
  return Number(BigInt.asIntN(32, bits));
}

function saturated(value: number, least: number, most: number): number {
  return Number.isNaN(value) ? 0 : Math.trunc(Math.max(least, Math.min(value, most)));
}

/** Registers and calls of a thread. */
export class Thread {
  readonly bit: number;
  readonly r32 = new Int32Array(REGISTERS);
  readonly r64 = new Float64Array(REGISTERS);
  /** The same as `r64`, as integers. */
  readonly q64 = new BigInt64Array(this.r64.buffer);
  readonly #w64 = new Uint32Array(this.r64.buffer);
  readonly returns = new Int32Array(FRAMES);
  readonly bases = new Int32Array(FRAMES);
  at = 0;
  base = 0;
  depth = 0;

  constructor(index: number) {
    this.bit = 1 << index;
  }

  push(at: number, base: number): void {
    this.returns[this.depth] = at;
    this.bases[this.depth] = base;
    this.depth++;
  }

  /** Begins a function. */
  begin({ functions, exports }: CompiledModule, name: string, values: readonly number[]): void {
    const made = functions[exports.get(name)!];
    if (!made) throw new Error(`the core has no export "${name}"`);
    this.at = made.start;
    this.base = 0;
    this.depth = 0;
    made.locals.forEach((kind, local) => {
      const value = values[local] ?? 0;
      if (kind === 0) this.r32[local] = value;
      else this.r64[local] = value;
    });
  }

  /** Writes what decides its future to `to`, from `first` on; returns the end. */
  save({ live, instructions }: CompiledModule, to: Uint32Array, first: number): number {
    let next = first;
    to[next++] = this.depth;
    for (let frame = 0; frame <= this.depth; frame++) {
      const isTop = frame === this.depth;
      const at = isTop ? this.at : this.returns[frame]!;
      const base = isTop ? this.base : this.bases[frame]!;
      to[next++] = at;
      to[next++] = base;
      const { d, kinds } = instructions[at]!;
      const result = isTop || d < 0 ? -1 : 2 * d + ((kinds >> 3) & 1);
      for (const register of live[isTop ? at : at + 1]!) {
        if (register === result) continue;
        const index = base + (register >> 1);
        if (register & 1) {
          to[next++] = this.#w64[2 * index]!;
          to[next++] = this.#w64[2 * index + 1]!;
        } else to[next++] = this.r32[index]!;
      }
    }
    return next;
  }

  /** The inverse of `save`. */
  load({ live, instructions }: CompiledModule, from: Uint32Array, first: number): number {
    let next = first;
    this.depth = from[next++]!;
    for (let frame = 0; frame <= this.depth; frame++) {
      const isTop = frame === this.depth;
      const at = from[next++]!;
      const base = from[next++]!;
      if (isTop) {
        this.at = at;
        this.base = base;
      } else {
        this.returns[frame] = at;
        this.bases[frame] = base;
      }
      const { d, kinds } = instructions[at]!;
      const result = isTop || d < 0 ? -1 : 2 * d + ((kinds >> 3) & 1);
      for (const register of live[isTop ? at : at + 1]!) {
        if (register === result) continue;
        const index = base + (register >> 1);
        if (register & 1) {
          this.#w64[2 * index] = from[next++]!;
          this.#w64[2 * index + 1] = from[next++]!;
        } else this.r32[index] = from[next++]!;
      }
    }
    return next;
  }
}
