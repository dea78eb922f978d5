/** Parts of tremor's language that are not supported, recognized where a text does not follow the grammar. */

/** Words of expressions and scripts. */
const WORDS: ReadonlySet<string> = /* @__PURE__ */ (() =>
  new Set(
    "case default drop emit extract fn for if intrinsic let match merge of patch recur script state when window".split(
      " ",
    ),
  ))();

/** A statement up to the error, and the name of the part. */
const PATTERNS: readonly (readonly [pattern: RegExp, name: (found: RegExpExecArray) => string])[] = [
  [/^define\s+(?:[\w:]+\s+)?(script|pipeline|flow|connector|window)\b/, ([, what]) => `\`define ${what}\``],
  [/^create\s+(script|pipeline|flow|connector|window)\b/, ([, what]) => `\`create ${what}\``],
  [/^deploy(?:\s+\w+)?/, ([words]) => `\`${words.replace(/\s+/g, " ")}\``],
  [/^(use|mod|fn|intrinsic|const|let|script|pipeline|flow|import)\b/, ([, word]) => `\`${word}\``],
  [/\bgroup(?:\s+by)?$/, () => "`group by`"],
  [/\bfrom\s+[\w`/-]+\s*\[/, () => "a window"],
];

/** Comments and strings: their content is not the language. */
const IGNORED = /"(?:[^"\\\n]|\\.)*"|#[^\n]*/g;

/** The part that is not supported and ends at `end`; undefined: none. */
export function unsupportedAt(text: string, end: number): string | undefined {
  const before = text.slice(0, end).replace(IGNORED, (found) => " ".repeat(found.length));
  const statement = before.slice(before.lastIndexOf(";") + 1).trimStart();
  for (const [pattern, name] of PATTERNS) {
    const found = pattern.exec(statement);
    if (found !== null) return name(found);
  }
  return undefined;
}

/** Whether the word belongs to expressions or scripts of tremor that are not supported. */
export function isUnsupportedWord(word: string): boolean {
  return WORDS.has(word);
}
