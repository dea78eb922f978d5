/**
 * Bytes as text for a JavaScript string in double quotes; `decodeText` of src/core/wasm-text.ts is the inverse.
 *
 * gzip compresses bytes well and their digits badly: of 7,139 bytes it makes 3,916, of their hexadecimal digits 4,795, of this
 * text 4,381. The text is ASCII without `"` and `\\`, so that no minifier escapes any of it.
 *
 * A byte is raised by 4, which puts most bytes of a module among the first 91 of 256, and split into a page of 91 and a place on
 * it. The place is one character from `#` on; before it stands nothing, a space or a tilde for the page.
 */
const PAGE = 91;
const PAGES = ["", " ", "~"];
const FIRST = "#".charCodeAt(0);
const RAISED_BY = 4;

/** @param {Uint8Array} bytes */
export function textOf(bytes) {
  return Array.from(bytes, (byte) => {
    const raised = (byte + RAISED_BY) % 256;
    const place = String.fromCharCode(FIRST + (raised % PAGE));
    return PAGES[Math.floor(raised / PAGE)] + (place === "\\" ? "!" : place);
  }).join("");
}

/**
 * The TypeScript of a flavour of the module: exports its bytes as `<flavour>Text`.
 *
 * @param {string} flavour @param {Uint8Array} bytes
 */
export function moduleOf(flavour, bytes) {
  return `export const ${flavour}Text = "${textOf(bytes)}";\n`;
}
