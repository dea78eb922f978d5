/** The scanners of this thread, made at the first use. */
import { LINE_UNSURE, LINE_VALID } from "../../assembly/ndjson/layout.ts";
import { BareScanner } from "./bare-scanner.ts";
import type { LineScanner } from "./line-scanner.ts";
import { ScannerModule, WasmScanner } from "./wasm-scanner.ts";

/** The same three scanners, with WebAssembly or without. */
export interface Scanners {
  /** Judges each line. Without WebAssembly it is unsure of each. */
  readonly validating: LineScanner;
  /** Is unsure of each line, so that each is parsed at once. */
  readonly unsure: LineScanner;
  /** Takes each line for valid. */
  readonly passing: LineScanner;
}

let shared: Scanners | undefined;

/**
 * Compiles the module at the first call. Without WebAssembly where the runtime refuses it, or has no SIMD.
 */
export function scanners(): Scanners {
  shared ??= scannersOver(ScannerModule.create());
  return shared;
}

/** @param module undefined: without WebAssembly. */
export function scannersOver(module: ScannerModule | undefined): Scanners {
  const unsure = over(module, LINE_UNSURE);
  return {
    validating: module === undefined ? unsure : new WasmScanner(module),
    unsure,
    passing: over(module, LINE_VALID),
  };
}

function over(module: ScannerModule | undefined, verdict: number): LineScanner {
  return module === undefined ? new BareScanner(verdict) : new WasmScanner(module, verdict);
}
