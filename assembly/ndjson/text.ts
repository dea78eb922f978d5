/** One JSON text (RFC 8259) that ends at a line feed. */
import {
  BRACE_OPEN,
  BRACKET_OPEN,
  byteAt,
  COLON,
  COMMA,
  isDigit,
  LINE_FEED,
  MINUS,
  QUOTE,
  skipBlanks,
} from "./bytes";
import { MAXIMUM_DEPTH, STACK_OFFSET } from "./layout";
import { numberEnd } from "./number";
import { stringEnd } from "./string";

/** A closing bracket or brace is its opening one plus that. */
const CLOSES = 2;

/**
 * The outer loop reads a value, in an object with its key; the inner loop closes what ends behind it.
 *
 * @returns the address of the line feed behind the text; 0: the line is no JSON text, or nested too deep.
 */
export function textEnd(at: usize): usize {
  let top: usize = STACK_OFFSET;
  let around: u32 = 0; // the bracket or brace that is open
  while (true) {
    at = skipBlanks(at);
    if (around === BRACE_OPEN) {
      at = keyEnd(at);
      if (at === 0) return 0;
    }
    const byte = byteAt(at);
    if (byte === QUOTE) at = stringEnd(at + 1);
    else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
      if (top === STACK_OFFSET + MAXIMUM_DEPTH) return 0;
      store<u8>(top++, around);
      around = byte;
      at = skipBlanks(at + 1);
      if (byteAt(at) !== byte + CLOSES) continue;
      at++;
      around = load<u8>(--top);
    } else if (isDigit(byte) || byte === MINUS) at = numberEnd(at);
    else at = literalEnd(at);
    if (at === 0) return 0;
    while (true) {
      at = skipBlanks(at);
      const next = byteAt(at);
      if (top === STACK_OFFSET) return next === LINE_FEED ? at : 0;
      at++;
      if (next === COMMA) break;
      if (next !== around + CLOSES) return 0;
      around = load<u8>(--top);
    }
  }
}

/** @returns the address of the value behind a key and its colon; 0: not valid. */
function keyEnd(at: usize): usize {
  if (byteAt(at) !== QUOTE) return 0;
  at = stringEnd(at + 1);
  if (at === 0) return 0;
  at = skipBlanks(at);
  return byteAt(at) === COLON ? skipBlanks(at + 1) : 0;
}

/** @returns the address behind `true`, `false` or `null`; 0: there is something else. */
function literalEnd(at: usize): usize {
  const word = load<u32>(at);
  if (word === 0x65757274 || word === 0x6c6c756e) return at + 4; // "true", "null"
  return word === 0x736c6166 && byteAt(at + 4) === 0x65 ? at + 5 : 0; // "fals", "e"
}
