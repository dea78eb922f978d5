/**
 * Constants, moved to the top of each file: numbers by name, then the text of the core.
 *
 * esbuild writes such a number where it is used, but only one that stands before all other statements of its file: there
 * nothing can read it too early. gzip looks back 32 kB, so the text is not to stand between two parts of the JavaScript.
 * Names and their order stay.
 */
const NUMBER = /^const [A-Z][A-Z0-9_]* = [-+*/%~&|^<>()\d\sA-Z_.e]+;$/;
const TEXT = /^const \w+Text = ".*";$/;

/** A plugin that moves them in every file. */
export const CONSTANTS_FIRST = {
  name: "constants first",
  renderChunk(text) {
    const lines = text.split("\n");
    const numbers = lines.filter((line) => NUMBER.test(line));
    const texts = lines.filter((line) => TEXT.test(line));
    const others = lines.filter((line) => !NUMBER.test(line) && !TEXT.test(line));
    const at = others.findLastIndex((line) => line.startsWith("import ")) + 1;
    return [...others.slice(0, at), ...numbers, ...texts, ...others.slice(at)].join("\n");
  },
};
