/** Wasm modules as text inside JavaScript. */

/**
 * The bytes of a text that scripts/wasm-text.mjs has written: each byte is one character, behind a space or a tilde if it is
 * one of the rarer ones.
 */
export function decodeText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let size = 0;
  let page = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 32) page = 91;
    else if (code === 126) page = 182;
    else {
      bytes[size++] = (code === 33 ? 92 : code) + page - 39; // an element takes the lowest eight bits
      page = 0;
    }
  }
  return bytes.subarray(0, size);
}
