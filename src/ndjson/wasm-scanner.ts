/**
 * Scanners over the module of assembly/ndjson: compiled at the first use, one memory for all scanners of a
 * thread.
 */
import { LINE_UNSURE, PADDING_SIZE, TEXT_OFFSET, VERDICT_BITS } from "../../assembly/ndjson/layout.ts";
import { ndjsonText } from "../../build/ndjson.ts";
import { decodeText } from "../core/wasm-text.ts";
import type { LineScanner } from "./line-scanner.ts";

/** Exports of the module. See assembly/ndjson/index.ts. */
interface ScannerExports {
  scan(text: number, end: number, results: number, resultsEnd: number): number;
  find(text: number, end: number, results: number, resultsEnd: number, verdict: number): number;
}

const LINE_FEED = 10;
// Literals, so that bundlers leave them out where they are not used.
const PAGES = 3;
const MEMORY_SIZE = 196_608;
/** The results are the last page. The text fills the others: a line that is longer is not judged. */
const RESULTS_OFFSET = 131_072;

/** An instance of the module with its memory. */
export class ScannerModule {
  readonly exports: ScannerExports;
  readonly memory: Uint8Array;
  readonly results: Uint32Array;

  private constructor(memory: WebAssembly.Memory, exports: ScannerExports) {
    this.exports = exports;
    this.memory = new Uint8Array(memory.buffer);
    this.results = new Uint32Array(memory.buffer, RESULTS_OFFSET);
  }

  /** undefined where the runtime refuses WebAssembly, or has no SIMD. */
  static create(): ScannerModule | undefined {
    try {
      const memory = new WebAssembly.Memory({ initial: PAGES });
      const module = new WebAssembly.Module(decodeText(ndjsonText));
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      return new ScannerModule(memory, exports as unknown as ScannerExports);
    } catch {
      return undefined;
    }
  }
}

export class WasmScanner implements LineScanner {
  readonly results: Uint32Array;
  readonly #module: ScannerModule;
  readonly #verdict: number | undefined;

  /** @param verdict on every line that is not blank. Default: the module judges each line. */
  constructor(module: ScannerModule, verdict?: number) {
    this.results = module.results;
    this.#module = module;
    this.#verdict = verdict;
  }

  scan(bytes: Uint8Array, start: number, end: number): number {
    const most = RESULTS_OFFSET - PADDING_SIZE - TEXT_OFFSET;
    let textEnd = end;
    if (end - start > most) {
      textEnd = bytes.lastIndexOf(LINE_FEED, start + most - 1) + 1;
      if (textEnd <= start) return this.#passOver(bytes, start);
    }
    const { exports, memory } = this.#module;
    memory.set(bytes.subarray(start, textEnd), TEXT_OFFSET);
    const behind = TEXT_OFFSET + textEnd - start;
    return this.#verdict === undefined
      ? exports.scan(TEXT_OFFSET, behind, RESULTS_OFFSET, MEMORY_SIZE)
      : exports.find(TEXT_OFFSET, behind, RESULTS_OFFSET, MEMORY_SIZE, this.#verdict);
  }

  /** The first line is longer than the memory. */
  #passOver(bytes: Uint8Array, start: number): number {
    const verdict = this.#verdict ?? LINE_UNSURE;
    this.results[0] = ((bytes.indexOf(LINE_FEED, start) - start) << VERDICT_BITS) | verdict;
    return 1;
  }
}
