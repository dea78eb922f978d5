/** Numbers of JSON. */
import { byteAt, DOT, isDigit, MINUS, PLUS, ZERO } from "./bytes";

/** Bytes that are looked at together. */
const WIDTH = 16;

/** @param at a digit or a minus. @returns the address behind the number; 0: not valid. */
export function numberEnd(at: usize): usize {
  if (byteAt(at) === MINUS) at++;
  if (byteAt(at) === ZERO) at++;
  else if (isDigit(byteAt(at))) at = digitsEnd(at);
  else return 0;
  let byte = byteAt(at);
  if (byte === DOT) {
    if (!isDigit(byteAt(at + 1))) return 0;
    at = digitsEnd(at + 1);
    byte = byteAt(at);
  }
  return (byte | 0x20) === 0x65 ? exponentEnd(at + 1) : at; // e
}

/** @param at behind the letter. */
function exponentEnd(at: usize): usize {
  const sign = byteAt(at);
  if (sign === PLUS || sign === MINUS) at++;
  return isDigit(byteAt(at)) ? digitsEnd(at) : 0;
}

function digitsEnd(at: usize): usize {
  while (true) {
    const values = i8x16.sub(v128.load(at), i8x16.splat(<i8>ZERO));
    const others = ctz(~i8x16.bitmask(i8x16.lt_u(values, i8x16.splat(10))));
    at += others;
    if (others < WIDTH) return at;
  }
}
