/**
 * Constants, moved to the top of each file: numbers by name, then the text of the core.
 *
 * esbuild writes such a number where it is used, but only one that stands before all other statements of its file: there
 * nothing can read it too early. gzip looks back 32 kB, so the text is not to stand between two parts of the JavaScript.
 * Names and their order stay.
 */
const NUMBER = /^const ([A-Z][A-Z0-9_]*) = ([-+*/%~&|^<>()\d\sA-Z_.e]+);$/;
const NAME = /\b[A-Z_][A-Z0-9_]*\b/g;
const TEXT = /^const \w+Text = ".*";$/;

/** A plugin that moves them in every file. */
export const CONSTANTS_FIRST = {
  name: "constants first",
  renderChunk(text) {
    const lines = text.split("\n");
    const numbers = numbersIn(lines);
    const texts = lines.filter((line) => TEXT.test(line));
    const first = new Set([...numbers, ...texts]);
    const others = lines.filter((line) => !first.has(line));
    const at = others.findLastIndex((line) => line.startsWith("import ")) + 1;
    return [...others.slice(0, at), ...numbers, ...texts, ...others.slice(at)].join("\n");
  },
};

/** Lines whose value is made of digits and of the names of such lines before them: another name may stand for an object. */
function numbersIn(lines) {
  const names = new Set();
  return lines.filter((line) => {
    const [, name, value] = NUMBER.exec(line) ?? [];
    const isNumber = value !== undefined && (value.match(NAME) ?? []).every((other) => names.has(other));
    if (isNumber) names.add(name);
    return isNumber;
  });
}
