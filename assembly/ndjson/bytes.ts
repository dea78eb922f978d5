/** Bytes that have a meaning in JSON. */

export const TAB: u32 = 0x09;
export const LINE_FEED: u32 = 0x0a;
export const CARRIAGE_RETURN: u32 = 0x0d;
export const SPACE: u32 = 0x20;
export const QUOTE: u32 = 0x22;
export const PLUS: u32 = 0x2b;
export const COMMA: u32 = 0x2c;
export const MINUS: u32 = 0x2d;
export const DOT: u32 = 0x2e;
export const SLASH: u32 = 0x2f;
export const ZERO: u32 = 0x30;
export const COLON: u32 = 0x3a;
export const BRACKET_OPEN: u32 = 0x5b;
export const BACKSLASH: u32 = 0x5c;
export const BRACE_OPEN: u32 = 0x7b;
/** Bytes from here on are parts of a character beyond ASCII. */
export const NOT_ASCII: u32 = 0x80;

export function byteAt(at: usize): u32 {
  return load<u8>(at);
}

export function isDigit(byte: u32): bool {
  return byte - ZERO < 10;
}

/** Address of the first byte that is no white space, or a line feed. */
export function skipBlanks(at: usize): usize {
  while (byteAt(at) <= SPACE) {
    const byte = byteAt(at);
    if (byte !== SPACE && byte !== TAB && byte !== CARRIAGE_RETURN) break;
    at++;
  }
  return at;
}
