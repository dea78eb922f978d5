/**
 * Bytes as text for a JavaScript string in double quotes; `decodeText` of src/core/wasm-text.ts is the inverse.
 *
 * gzip compresses bytes well and their digits badly: of 11,276 bytes it makes 6,013, of this text 6,000. Beside JavaScript it
 * does so only if both use their characters alike, since one table of codes serves what is near each other. So the most
 * frequent byte is written as the most frequent character of our minified JavaScript, and so on: 300 bytes less.
 *
 * A byte is raised by 4, which puts most bytes of a module among the first 91 of 256, and split into a page of 91 and a place on
 * it. The text begins with an alphabet, the character of each place. A byte is the character of its place; before it stands
 * nothing, an equals sign or a full stop for the page. The text is ASCII without `"` and `\`, so that no minifier escapes any
 * of it.
 */
const PAGE = 91;
const PAGES = ["", "=", "."];
const RAISED_BY = 4;

/** What ASCII prints, but `"`, `\` and the marks of pages: the most frequent of our minified JavaScript first. */
const BY_FREQUENCY =
  "tesirn,o()a lhcu:f{}d_m;0p&>1?gybv!Mw[]+|2Ok#34xAj-S6E$`z<RTP8CN5FqL/DWBIU*97HJXGZVYKQ'^%@~";

/** @param {Uint8Array} bytes */
export function textOf(bytes) {
  const raised = Array.from(bytes, (byte) => (byte + RAISED_BY) % 256);
  const alphabet = alphabetOf(raised);
  return (
    alphabet.join("") + raised.map((byte) => PAGES[Math.floor(byte / PAGE)] + alphabet[byte % PAGE]).join("")
  );
}

/** The character of each place, by how frequent it is. */
function alphabetOf(raised) {
  const counts = new Array(PAGE).fill(0);
  for (const byte of raised) counts[byte % PAGE]++;
  const places = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  const alphabet = [];
  for (const [rank, place] of places.entries()) alphabet[place] = BY_FREQUENCY[rank];
  return alphabet;
}

/**
 * The TypeScript of a flavour of the module: exports its bytes as `<flavour>Text`.
 *
 * @param {string} flavour @param {Uint8Array} bytes
 */
export function moduleOf(flavour, bytes) {
  return `export const ${flavour}Text = "${textOf(bytes)}";\n`;
}
