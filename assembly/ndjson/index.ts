/**
 * The line scanner: finds the lines of a text, and says of each whether it is one JSON text in UTF-8.
 *
 * Works on addresses that the host chooses. Nothing is kept between two calls.
 */
import { byteAt, LINE_FEED, skipBlanks } from "./bytes";
import { LINE_BLANK, LINE_UNSURE, LINE_VALID, RESULT_SIZE, VERDICT_BITS } from "./layout";
import { textEnd } from "./text";

/** Bytes that are looked at together. */
const WIDTH = 16;

/**
 * Finds lines and judges each. Writes a result for each, until the text or the room for results ends.
 *
 * @param text address of the first line
 * @param end address behind the line feed of the last line
 * @param results address of the first result
 * @param resultsEnd address behind the last result that may be written
 * @returns the number of results
 */
export function scan(text: usize, end: usize, results: usize, resultsEnd: usize): u32 {
  let line = text;
  let result = results;
  while (line < end && result < resultsEnd) {
    const start = skipBlanks(line);
    let verdict: u32 = LINE_BLANK;
    let lineEnd = start;
    if (byteAt(start) !== LINE_FEED) {
      lineEnd = textEnd(start);
      verdict = LINE_VALID;
      if (lineEnd === 0) {
        lineEnd = lineFeedFrom(start);
        verdict = LINE_UNSURE;
      }
    }
    result = write(result, lineEnd - text, verdict);
    line = lineEnd + 1;
  }
  return <u32>(result - results) / RESULT_SIZE;
}

/** As `scan`, but judges no line: each that is not blank gets the verdict that is given. */
export function find(text: usize, end: usize, results: usize, resultsEnd: usize, given: u32): u32 {
  let line = text;
  let result = results;
  while (line < end && result < resultsEnd) {
    const start = skipBlanks(line);
    const lineEnd = lineFeedFrom(start);
    const verdict: u32 = start === lineEnd ? LINE_BLANK : given;
    result = write(result, lineEnd - text, verdict);
    line = lineEnd + 1;
  }
  return <u32>(result - results) / RESULT_SIZE;
}

/** @returns the address of the next result */
function write(result: usize, offset: usize, verdict: u32): usize {
  store<u32>(result, ((<u32>offset) << VERDICT_BITS) | verdict);
  return result + RESULT_SIZE;
}

/** Address of the first line feed. */
function lineFeedFrom(at: usize): usize {
  while (true) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(<i8>LINE_FEED)));
    if (mask !== 0) return at + ctz(mask);
    at += WIDTH;
  }
}
