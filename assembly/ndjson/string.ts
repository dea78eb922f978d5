/** Strings of JSON in UTF-8. */
import { BACKSLASH, byteAt, isDigit, NOT_ASCII, QUOTE, SLASH, SPACE } from "./bytes";

/** Bytes that are looked at together. */
const WIDTH = 16;

/** @param at behind the opening quote. @returns the address behind the closing quote; 0: not valid. */
export function stringEnd(at: usize): usize {
  while (true) {
    const bytes = v128.load(at);
    // As signed numbers, control characters and all bytes beyond ASCII are below a space.
    const stops = v128.or(
      i8x16.lt_s(bytes, i8x16.splat(<i8>SPACE)),
      v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH))),
    );
    const mask = i8x16.bitmask(stops);
    if (mask === 0) {
      at += WIDTH;
      continue;
    }
    at += ctz(mask);
    const byte = byteAt(at);
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at = escapeEnd(at + 1);
    else if (byte >= NOT_ASCII) at = charactersEnd(at);
    else return 0;
    if (at === 0) return 0;
  }
}

/** @param at behind the backslash. @returns the address behind the escape; 0: not valid. */
function escapeEnd(at: usize): usize {
  const byte = byteAt(at);
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
    case SLASH:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    case 0x75: // u
      for (let digit = 1; digit <= 4; digit++) if (!isHexDigit(byteAt(at + digit))) return 0;
      return at + 5;
    default:
      return 0;
  }
}

function isHexDigit(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 < 6;
}

/**
 * Passes over characters beyond ASCII, by table 3-7 of the Unicode standard: no surrogates, nothing beyond
 * U+10FFFF, no form longer than it must be.
 *
 * @returns the address of the next ASCII byte; 0: not valid.
 */
function charactersEnd(at: usize): usize {
  for (let lead = byteAt(at); lead >= NOT_ASCII; lead = byteAt(at)) {
    const second = byteAt(at + 1);
    if (lead < 0xe0) {
      if (lead < 0xc2 || !isContinuation(second)) return 0;
      at += 2;
      continue;
    }
    if (!isContinuation(second) || !isContinuation(byteAt(at + 2))) return 0;
    if (lead < 0xf0) {
      if (lead === 0xe0 ? second < 0xa0 : lead === 0xed && second > 0x9f) return 0;
      at += 3;
      continue;
    }
    if (lead > 0xf4 || !isContinuation(byteAt(at + 3))) return 0;
    if (lead === 0xf0 ? second < 0x90 : lead === 0xf4 && second > 0x8f) return 0;
    at += 4;
  }
  return at;
}

function isContinuation(byte: u32): bool {
  return byte >> 6 === 2;
}
