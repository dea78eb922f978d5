/** Finds numbers in a JSON text that `JSON.stringify(JSON.parse(text))` may write with other digits. */

/** Numbers of fewer characters have at most 15 digits: JavaScript keeps them. */
const LONG = 16;
/** JavaScript writes smaller numbers with an exponent. */
const SMALL = "0.000000";

const QUOTE = 34;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const UPPER_E = 69;
const BACKSLASH = 92;
const LOWER_E = 101;

/**
 * Whether the text has a number of 16 characters or more, with an exponent, with a fraction that ends with 0 or that
 * JavaScript writes with an exponent, or `-0`. Some of these do not change.
 *
 * @param text valid JSON
 */
export function mayChange(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit > NINE || (unit < ZERO && unit !== MINUS)) at++;
    else {
      const end = endOfDigits(text, at);
      if (isChanged(text, at, end)) return true;
      at = end;
    }
  }
  return false;
}

/** The offset behind the string that begins at `start`. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH && isEscaped(text, end))
    end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end + 1;
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

/** The offset behind sign, digits and point. */
function endOfDigits(text: string, start: number): number {
  let at = start + 1;
  for (let unit = text.charCodeAt(at); unit >= POINT && unit <= NINE; unit = text.charCodeAt(at)) at++;
  return at;
}

function isChanged(text: string, start: number, end: number): boolean {
  const next = text.charCodeAt(end);
  if (end - start >= LONG || next === LOWER_E || next === UPPER_E) return true;
  const isNegative = text.charCodeAt(start) === MINUS;
  const point = text.indexOf(".", start);
  if (point < 0 || point >= end) return isNegative && end - start === 2 && text.charCodeAt(end - 1) === ZERO;
  return text.charCodeAt(end - 1) === ZERO || text.startsWith(SMALL, isNegative ? start + 1 : start);
}
