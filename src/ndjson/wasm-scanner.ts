/** The line scanner of assembly/ndjson at work: compiled at the first use, one for each thread. */
import {
  LINE_UNSURE,
  NOT_ASCII_OFFSET,
  PADDING_SIZE,
  RESULT_SIZE,
  TEXT_OFFSET,
  VERDICT_BITS,
} from "../../assembly/ndjson/layout.ts";
import { ndjsonText } from "../../build/ndjson.ts";
import { decodeText } from "../core/wasm-text.ts";
import type { LineScanner } from "./line-scanner.ts";

/** Its exports. */
interface ScannerExports {
  scan(text: number, end: number, results: number, resultsEnd: number): number;
}

const LINE_FEED = 10;
const PAGES = 3;
const MEMORY_SIZE = PAGES * 65_536;
const RESULTS_SIZE = 65_536;
const RESULTS_OFFSET = MEMORY_SIZE - RESULTS_SIZE;
/** Bytes of text that fit: two chunks of most sources. A line that is longer is not judged. */
const TEXT_SIZE = RESULTS_OFFSET - PADDING_SIZE - TEXT_OFFSET;

export class WasmScanner implements LineScanner {
  readonly results: Uint32Array;
  readonly #memory: Uint8Array;
  readonly #exports: ScannerExports;

  private constructor(memory: WebAssembly.Memory, exports: ScannerExports) {
    this.#memory = new Uint8Array(memory.buffer);
    this.results = new Uint32Array(memory.buffer, RESULTS_OFFSET, RESULTS_SIZE / RESULT_SIZE);
    this.#exports = exports;
  }

  /** undefined where the runtime refuses WebAssembly, or has no SIMD. */
  static create(): WasmScanner | undefined {
    try {
      const memory = new WebAssembly.Memory({ initial: PAGES });
      const module = new WebAssembly.Module(decodeText(ndjsonText));
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      return new WasmScanner(memory, exports as unknown as ScannerExports);
    } catch {
      return undefined;
    }
  }

  get isAscii(): boolean {
    return this.#memory[NOT_ASCII_OFFSET] === 0;
  }

  scan(bytes: Uint8Array, start: number, end: number): number {
    let textEnd = end;
    if (end - start > TEXT_SIZE) {
      textEnd = bytes.lastIndexOf(LINE_FEED, start + TEXT_SIZE - 1) + 1;
      if (textEnd <= start) return this.#passOver(bytes, start);
    }
    this.#memory.set(bytes.subarray(start, textEnd), TEXT_OFFSET);
    const size = textEnd - start;
    return this.#exports.scan(TEXT_OFFSET, TEXT_OFFSET + size, RESULTS_OFFSET, MEMORY_SIZE);
  }

  /** The first line is longer than the memory. */
  #passOver(bytes: Uint8Array, start: number): number {
    this.results[0] = ((bytes.indexOf(LINE_FEED, start) - start) << VERDICT_BITS) | LINE_UNSURE;
    this.#memory[NOT_ASCII_OFFSET] = 1;
    return 1;
  }
}
