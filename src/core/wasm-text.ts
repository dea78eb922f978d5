/** Wasm modules as text inside JavaScript. */

/** Characters of the alphabet with which a text begins. */
const PAGE = 91;

/**
 * The bytes of a text that scripts/wasm-text.mjs has written: each byte is one character of the alphabet, behind an equals
 * sign or a full stop if it is one of the rarer ones.
 */
export function decodeText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let size = 0;
  let page = 0;
  for (const character of text.slice(PAGE)) {
    if (character === "=") page = PAGE;
    else if (character === ".") page = 2 * PAGE;
    else {
      bytes[size++] = text.indexOf(character) + page - 4; // an element takes the lowest eight bits
      page = 0;
    }
  }
  return bytes.subarray(0, size);
}
