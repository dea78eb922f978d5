/** UTF-8 to text. The decoders are made at the first use. */

const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

let strict: TextDecoder | undefined;
let lenient: TextDecoder | undefined;

/** The text, with a byte order mark if there is one; undefined: the bytes are not UTF-8. */
export function decode(bytes: Uint8Array): string | undefined {
  strict ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text, with U+FFFD in place of what is not UTF-8. */
export function decodeLeniently(bytes: Uint8Array): string {
  lenient ??= new TextDecoder("utf-8", { ignoreBOM: true });
  return lenient.decode(bytes);
}

/** Index behind a byte order mark at `start`; `start` where there is none. */
export function markEnd(bytes: Uint8Array, start = 0): number {
  const isMark = BYTE_ORDER_MARK.every((byte, index) => bytes[start + index] === byte);
  return isMark ? start + BYTE_ORDER_MARK.length : start;
}
