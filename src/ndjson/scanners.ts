/** The scanners of this thread, made at the first use. */
import { LINE_UNSURE, LINE_VALID } from "../../assembly/ndjson/layout.ts";
import { BareScanner } from "./bare-scanner.ts";
import type { LineScanner } from "./line-scanner.ts";
import { WasmScanner } from "./wasm-scanner.ts";

let validating: LineScanner | undefined;
let passing: LineScanner | undefined;

/** Judges each line. Where the runtime refuses WebAssembly, or has no SIMD, it is unsure of each. */
export function validatingScanner(): LineScanner {
  validating ??= WasmScanner.create() ?? new BareScanner(LINE_UNSURE);
  return validating;
}

/** Takes each line for valid. */
export function passingScanner(): LineScanner {
  passing ??= new BareScanner(LINE_VALID);
  return passing;
}
