/**
 * The functions of a compiled core as code over registers, which can be stopped before any access to memory.
 *
 * WebAssembly's operand stack becomes registers: the locals of a function first, then one for each height of the stack. There
 * are two files of registers, 32 and 64 bits wide. Of each instruction it is known which registers are still read
 * after it, so that two states of a thread that differ in nothing else are one state.
 */

/** Instructions that WebAssembly has not, or has with another structure. Others keep their opcode. */
export const MOVE = 1;
export const JUMP = 2;
export const JUMP_IF = 3;
export const JUMP_UNLESS = 4;
export const CONSTANT = 5;
/** Opcodes behind a prefix: this and the second number. */
export const PREFIX_FC = 0x100;
export const PREFIX_FE = 0x200;
export const CALL = 0x10;
export const RETURN = 0x0f;
export const SELECT = 0x1b;
export const MEMORY_FILL = PREFIX_FC + 11;

const I32 = 0;
/** i64, f64 and f32: one register of 64 bits. */
const I64 = 1;
type Kind = typeof I32 | typeof I64;

/** One instruction. `a`, `b`, `c`: registers read; `d`: the register written; `n`: a number. -1: none. */
export interface Instruction {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** Target of a jump, offset of an access, number of a constant, function that is called. */
  n: number;
  /** Width of the registers `a`, `b`, `c`, `d`, a bit each: 0 for 32 bits. */
  readonly kinds: number;
}

export interface CompiledFunction {
  readonly parameters: readonly Kind[];
  readonly results: readonly Kind[];
  /** Width of each local, parameters first. */
  readonly locals: readonly Kind[];
  /** Its first instruction. */
  start: number;
}

export interface CompiledModule {
  readonly instructions: readonly Instruction[];
  readonly functions: readonly CompiledFunction[];
  readonly exports: ReadonlyMap<string, number>;
  readonly f64: Float64Array;
  /** For each instruction the registers that are read at it or later: 2 * register + width. */
  readonly live: readonly Int32Array[];
}

class Reader {
  at: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.bytes[this.at++]!;
  }

  u32(): number {
    return Number(BigInt.asUintN(32, this.#leb(false)));
  }

  s32(): number {
    return Number(BigInt.asIntN(32, this.#leb(true)));
  }

  s64(): bigint {
    return BigInt.asIntN(64, this.#leb(true));
  }

  f64(): number {
    this.at += 8;
    return this.#view.getFloat64(this.at - 8, true);
  }

  text(): string {
    const size = this.u32();
    this.at += size;
    return new TextDecoder().decode(this.bytes.subarray(this.at - size, this.at));
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.u32() }, read);
  }

  #leb(signed: boolean): bigint {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      result |= BigInt(byte & 127) << shift;
      if (byte < 128) return signed && byte & 64 ? result - (1n << (shift + 7n)) : result;
    }
  }
}

function kindOf(type: number): Kind {
  return type === 0x7f ? I32 : I64;
}

/** @throws Error for what the core does not use */
export function compile(bytes: Uint8Array): CompiledModule {
  const reader = new Reader(bytes, 8);
  let types: Pick<CompiledFunction, "parameters" | "results">[] = [];
  let signatures: number[] = [];
  const exports = new Map<string, number>();
  let bodies: Reader[] = [];
  while (reader.at < bytes.length) {
    const id = reader.u8();
    const end = reader.u32() + reader.at;
    const kinds = () => reader.list(() => kindOf(reader.u8()));
    if (id === 1) {
      types = reader.list(() => {
        reader.u8();
        return { parameters: kinds(), results: kinds() };
      });
    } else if (id === 3) signatures = reader.list(() => reader.u32());
    else if (id === 7) {
      reader.list(() => {
        const name = reader.text();
        if (reader.u8() === 0) exports.set(name, reader.u32());
        else reader.u32();
      });
    } else if (id === 10) {
      bodies = reader.list(() => {
        const size = reader.u32();
        reader.at += size;
        return new Reader(bytes.subarray(0, reader.at), reader.at - size);
      });
    }
    reader.at = end;
  }
  const functions = bodies.map((body, index) => {
    const type = types[signatures[index]!]!;
    const locals = body.list(() => {
      const count = body.u32();
      return Array<Kind>(count).fill(kindOf(body.u8()));
    });
    return { ...type, locals: [...type.parameters, ...locals.flat()], start: 0 };
  });
  const translator = new Translator(functions, types);
  bodies.forEach((body, index) => {
    translator.translate(functions[index]!, body);
  });
  const { instructions } = translator;
  return {
    instructions,
    functions,
    exports,
    f64: new Float64Array(translator.constants.buffer.slice(0)),
    live: livenessOf(instructions, functions),
  };
}

interface Block {
  readonly isLoop: boolean;
  readonly height: number;
  readonly results: readonly Kind[];
  /** First instruction of a loop. */
  readonly start: number;
  /** Jumps to its end. */
  readonly jumps: Instruction[];
  /** The jump that skips the first arm of an `if`. */
  otherwise: Instruction | undefined;
  readonly isDead: boolean;
}

interface Operand {
  readonly register: number;
  readonly kind: Kind;
}

const BINARY: readonly (readonly [from: number, to: number, in_: Kind, out: Kind])[] = [
  [0x46, 0x4f, I32, I32],
  [0x51, 0x5a, I64, I32],
  [0x61, 0x66, I64, I32],
  [0x6a, 0x78, I32, I32],
  [0x7c, 0x8a, I64, I64],
  [0xa0, 0xa6, I64, I64],
];
const UNARY: readonly (readonly [from: number, to: number, in_: Kind, out: Kind])[] = [
  [0x45, 0x45, I32, I32],
  [0x50, 0x50, I64, I32],
  [0x67, 0x69, I32, I32],
  [0x99, 0x9f, I64, I64],
  [0xa7, 0xa7, I64, I32],
  [0xac, 0xad, I32, I64],
  [0xb7, 0xb8, I32, I64],
  [0xb9, 0xbb, I64, I64],
  [0xb6, 0xb6, I64, I64],
  [0xbd, 0xbd, I64, I64],
  [0xbf, 0xbf, I64, I64],
  [PREFIX_FC + 0, PREFIX_FC + 3, I64, I32],
  [PREFIX_FC + 4, PREFIX_FC + 7, I64, I64],
];
/** Loads, stores, additions and exchanges: the width of what is loaded or stored. */
const LOADS = new Map<number, Kind>([
  [0x28, I32],
  [0x29, I64],
  [0x2a, I64],
  [0x2b, I64],
  [0x2d, I32],
  [0x35, I64],
  [PREFIX_FE + 0x10, I32],
  [PREFIX_FE + 0x11, I64],
]);
const STORES = new Map<number, Kind>([
  [0x36, I32],
  [0x37, I64],
  [0x38, I64],
  [0x39, I64],
  [0x3a, I32],
  [PREFIX_FE + 0x17, I32],
  [PREFIX_FE + 0x18, I64],
]);
const ADDITIONS = new Map<number, Kind>([
  [PREFIX_FE + 0x1e, I32],
  [PREFIX_FE + 0x1f, I64],
]);
const EXCHANGES = new Map<number, Kind>([
  [PREFIX_FE + 0x48, I32],
  [PREFIX_FE + 0x49, I64],
]);

class Translator {
  readonly instructions: Instruction[] = [];
  constants = new BigInt64Array(0);
  readonly #functions: readonly CompiledFunction[];
  readonly #types: readonly Pick<CompiledFunction, "parameters" | "results">[];
  #locals: readonly Kind[] = [];
  #stack: Operand[] = [];
  #blocks: Block[] = [];
  #isDead = false;

  constructor(
    functions: readonly CompiledFunction[],
    types: readonly Pick<CompiledFunction, "parameters" | "results">[],
  ) {
    this.#functions = functions;
    this.#types = types;
  }

  translate(made: CompiledFunction, body: Reader): void {
    made.start = this.instructions.length;
    this.#locals = made.locals;
    this.#stack = [];
    this.#blocks = [];
    this.#isDead = false;
    this.#open(false, made.results);
    while (this.#blocks.length > 0) this.#instruction(body);
    this.#emit(RETURN, { a: made.results.length ? this.#stack.pop() : undefined });
  }

  #emit(
    op: number,
    { a, b, c, d, n = 0 }: { a?: Operand | undefined; b?: Operand; c?: Operand; d?: Operand; n?: number },
  ): Instruction {
    const operands = [a, b, c, d];
    const kinds = operands.reduce((bits, operand, index) => bits | ((operand?.kind ?? 0) << index), 0);
    const [at, bt, ct, dt] = operands.map((operand) => operand?.register ?? -1) as [
      number,
      number,
      number,
      number,
    ];
    const made: Instruction = { op, a: at, b: bt, c: ct, d: dt, n, kinds };
    if (!this.#isDead) this.instructions.push(made);
    return made;
  }

  #push(kind: Kind): Operand {
    const operand = { register: this.#locals.length + this.#stack.length, kind };
    this.#stack.push(operand);
    return operand;
  }

  #pop(): Operand {
    return this.#stack.pop() ?? { register: 0, kind: I32 }; // of dead code only
  }

  /** Puts each operand of the stack into the register of its height. */
  #settle(from = 0): void {
    for (let height = from; height < this.#stack.length; height++) {
      const { register, kind } = this.#stack[height]!;
      const own = { register: this.#locals.length + height, kind };
      if (register === own.register) continue;
      this.#emit(MOVE, { a: { register, kind }, d: own });
      this.#stack[height] = own;
    }
  }

  #open(isLoop: boolean, results: readonly Kind[], otherwise?: Instruction): void {
    const height = this.#stack.length;
    const start = this.instructions.length;
    this.#blocks.push({ isLoop, height, results, start, jumps: [], otherwise, isDead: this.#isDead });
  }

  #blockType(body: Reader): readonly Kind[] {
    const type = body.s32();
    if (type === -64) return [];
    if (type < 0) return [kindOf(type & 127)];
    return this.#types[type]!.results;
  }

  /** Moves results of a block to where its end has them, and jumps there. */
  #branch(depth: number, op = JUMP, condition?: Operand): void {
    const block = this.#blocks[this.#blocks.length - 1 - depth]!;
    const count = block.isLoop ? 0 : block.results.length;
    if (count === 0 || this.#isDead) {
      this.#link(this.#emit(op, { a: condition }), block);
      return;
    }
    const skip = condition && this.#emit(JUMP_UNLESS, { a: condition });
    const top = this.#stack[this.#stack.length - 1]!;
    const register = this.#locals.length + block.height;
    if (top.register !== register) this.#emit(MOVE, { a: top, d: { register, kind: top.kind } });
    this.#link(this.#emit(JUMP, {}), block);
    if (skip) skip.n = this.instructions.length;
  }

  #link(jump: Instruction, block: Block): void {
    if (block.isLoop) jump.n = block.start;
    else if (!this.#isDead) block.jumps.push(jump);
  }

  #end(): void {
    const block = this.#blocks.pop()!;
    this.#settle(block.height);
    const isLive = !this.#isDead || block.jumps.length > 0 || block.otherwise !== undefined;
    for (const jump of block.jumps) jump.n = this.instructions.length;
    if (block.otherwise) block.otherwise.n = this.instructions.length;
    this.#isDead = block.isDead || !isLive;
    this.#stack.length = block.height;
    for (const kind of block.results) this.#push(kind);
  }

  #else(): void {
    const block = this.#blocks[this.#blocks.length - 1]!;
    this.#settle(block.height);
    const jump = this.#emit(JUMP, {});
    if (!this.#isDead) block.jumps.push(jump);
    if (block.otherwise) block.otherwise.n = this.instructions.length;
    block.otherwise = undefined;
    this.#isDead = block.isDead;
    this.#stack.length = block.height;
  }

  #assign(local: number): void {
    const value = this.#pop();
    const target = { register: local, kind: this.#locals[local]! };
    // What the stack still has of the old value.
    for (let height = 0; height < this.#stack.length; height++) {
      if (this.#stack[height]!.register !== local) continue;
      const own = { register: this.#locals.length + height, kind: target.kind };
      this.#emit(MOVE, { a: this.#stack[height]!, d: own });
      this.#stack[height] = own;
    }
    if (value.register !== local) this.#emit(MOVE, { a: value, d: target });
  }

  #constant(bits: bigint, kind: Kind): void {
    const n = this.constants.length;
    const longer = new BigInt64Array(n + 1);
    longer.set(this.constants);
    longer[n] = bits;
    this.constants = longer;
    this.#emit(CONSTANT, { d: this.#push(kind), n });
  }

  #instruction(body: Reader): void {
    let op = body.u8();
    if (op === 0xfc) op = PREFIX_FC + body.u32();
    if (op === 0xfe) op = PREFIX_FE + body.u32();
    if (op === 0x02 || op === 0x03) {
      const results = this.#blockType(body);
      this.#settle();
      this.#open(op === 0x03, results);
    } else if (op === 0x04) {
      const results = this.#blockType(body);
      const condition = this.#pop();
      this.#settle();
      const jump = this.#emit(JUMP_UNLESS, { a: condition });
      this.#open(false, results, this.#isDead ? undefined : jump);
    } else if (op === 0x05) this.#else();
    else if (op === 0x0b) this.#end();
    else if (op === 0x0c) {
      this.#branch(body.u32());
      this.#isDead = true;
    } else if (op === 0x0d) {
      const condition = this.#pop();
      this.#settle();
      this.#branch(body.u32(), JUMP_IF, condition);
    } else if (op === RETURN) {
      const { results } = this.#blocks[0]!;
      this.#emit(RETURN, { a: results.length ? this.#pop() : undefined });
      this.#isDead = true;
    } else if (op === 0x00) this.#isDead = true;
    else if (op === 0x01) return;
    else if (op === CALL) this.#call(body.u32());
    else if (op === 0x1a) this.#pop();
    else if (op === SELECT) {
      const c = this.#pop();
      const b = this.#pop();
      const a = this.#pop();
      this.#emit(SELECT, { a, b, c, d: this.#push(a.kind) });
    } else if (op === 0x20) {
      const register = body.u32();
      this.#stack.push({ register, kind: this.#locals[register]! });
    } else if (op === 0x21) this.#assign(body.u32());
    else if (op === 0x22) {
      const register = body.u32();
      this.#assign(register);
      this.#stack.push({ register, kind: this.#locals[register]! });
    } else if (op === 0x41) this.#constant(BigInt(body.s32()), I32);
    else if (op === 0x42) this.#constant(body.s64(), I64);
    else if (op === 0x44) {
      const bits = new BigInt64Array(new Float64Array([body.f64()]).buffer)[0]!;
      this.#constant(bits, I64);
    } else if (op === MEMORY_FILL) {
      body.u8();
      this.#settle(); // it counts its registers on, so they must be its own
      const c = this.#pop();
      const b = this.#pop();
      const a = this.#pop();
      this.#emit(MEMORY_FILL, { a, b, c });
    } else if (!this.#access(op, body) && !this.#compute(op))
      throw new Error(`the explorer does not know the instruction 0x${op.toString(16)}`);
  }

  #call(callee: number): void {
    const { parameters, results } = this.#functions[callee]!;
    this.#settle();
    this.#stack.length = Math.max(0, this.#stack.length - parameters.length);
    const first = { register: this.#locals.length + this.#stack.length, kind: I32 as Kind };
    const d = results.length ? this.#push(results[0]!) : undefined;
    // `a` is where the frame of the callee begins; its parameters are no registers of their own here.
    this.#emit(CALL, { a: first, n: callee, ...(d && { d }) });
  }

  #access(op: number, body: Reader): boolean {
    const load = LOADS.get(op);
    const store = STORES.get(op);
    const addition = ADDITIONS.get(op);
    const exchange = EXCHANGES.get(op);
    if (load === undefined && store === undefined && addition === undefined && exchange === undefined)
      return false;
    body.u32(); // alignment
    const n = body.u32();
    const c = exchange === undefined ? undefined : this.#pop();
    const b = load === undefined ? this.#pop() : undefined;
    const a = this.#pop();
    const kind = load ?? addition ?? exchange;
    const d = kind === undefined ? undefined : this.#push(kind);
    this.#emit(op, { a, n, ...(b && { b }), ...(c && { c }), ...(d && { d }) });
    return true;
  }

  #compute(op: number): boolean {
    const isIn = ([from, to]: readonly [number, number, ...unknown[]]) => from <= op && op <= to;
    const unary = UNARY.find(isIn);
    const binary = BINARY.find(isIn);
    if (unary) {
      const a = this.#pop();
      this.#emit(op, { a, d: this.#push(unary[3]) });
    } else if (binary) {
      const b = this.#pop();
      const a = this.#pop();
      this.#emit(op, { a, b, d: this.#push(binary[3]) });
    }
    return unary !== undefined || binary !== undefined;
  }
}

/** Registers that are read, and the one that is written. */
function effectOf(instruction: Instruction, functions: readonly CompiledFunction[]) {
  const { op, a, b, c, d, kinds, n } = instruction;
  const name = (register: number, bit: number) => 2 * register + ((kinds >> bit) & 1);
  const written = d < 0 ? -1 : name(d, 3);
  if (op === CALL) {
    return { read: functions[n]!.parameters.map((kind, index) => 2 * (a + index) + kind), written };
  }
  const read = [a, b, c].flatMap((register, bit) => (register < 0 ? [] : [name(register, bit)]));
  return { read, written };
}

function livenessOf(
  instructions: readonly Instruction[],
  functions: readonly CompiledFunction[],
): Int32Array[] {
  const live = instructions.map(() => new Set<number>());
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (let at = instructions.length - 1; at >= 0; at--) {
      const instruction = instructions[at]!;
      const { op, n } = instruction;
      const { read, written } = effectOf(instruction, functions);
      const jumps = op === JUMP || op === JUMP_IF || op === JUMP_UNLESS;
      const next = [...(op === JUMP || op === RETURN ? [] : [at + 1]), ...(jumps ? [n] : [])];
      const mine = live[at]!;
      const before = mine.size;
      for (const register of read) mine.add(register);
      for (const follower of next) {
        for (const register of live[follower] ?? []) if (register !== written) mine.add(register);
      }
      if (mine.size > before) isDone = false;
    }
  }
  return live.map((registers) => Int32Array.from([...registers].sort((one, other) => one - other)));
}
