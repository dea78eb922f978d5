/** The scanner without Wasm: finds lines, and says the same of each. */
import { LINE_BLANK, VERDICT_BITS } from "../../assembly/ndjson/layout.ts";
import type { LineScanner } from "./line-scanner.ts";

const LINE_FEED = 10;
/** Lines that one call finds. */
const FOUND_LINES = 1_024;

export class BareScanner implements LineScanner {
  readonly results = new Uint32Array(FOUND_LINES);
  readonly #verdict: number;

  /** @param verdict on every line that is not blank. */
  constructor(verdict: number) {
    this.#verdict = verdict;
  }

  scan(bytes: Uint8Array, start: number, end: number): number {
    let count = 0;
    for (let at = start; at < end && count < FOUND_LINES; ) {
      const lineEnd = bytes.indexOf(LINE_FEED, at);
      const verdict = isBlank(bytes, at, lineEnd) ? LINE_BLANK : this.#verdict;
      this.results[count++] = ((lineEnd - start) << VERDICT_BITS) | verdict;
      at = lineEnd + 1;
    }
    return count;
  }
}

/** Whether there is only white space of JSON. */
function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
