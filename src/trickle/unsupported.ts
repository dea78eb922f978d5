/** Parts of tremor's language that are not here: their names, where a text does not follow the grammar because of them. */

/** Words of expressions and scripts. */
const WORDS: ReadonlySet<string> = /* @__PURE__ */ (() =>
  new Set(
    "case default drop emit extract fn for intrinsic let match merge of patch recur script state when window".split(
      " ",
    ),
  ))();

/** What a statement up to the fault looks like, and what it is called. */
const PATTERNS: readonly (readonly [pattern: RegExp, name: (found: RegExpExecArray) => string])[] = [
  [/^define\s+(?:[\w:]+\s+)?(script|pipeline|flow|connector|window)\b/, ([, what]) => `\`define ${what}\``],
  [/^create\s+(script|pipeline|flow|connector|window)\b/, ([, what]) => `\`create ${what}\``],
  [/^deploy(?:\s+\w+)?/, ([words]) => `\`${words.replace(/\s+/g, " ")}\``],
  [/^(use|mod|fn|intrinsic|const|let|script|pipeline|flow|import)\b/, ([, word]) => `\`${word}\``],
  [/\bgroup(?:\s+by)?$/, () => "`group by`"],
  [/\bfrom\s+[\w`/-]+\s*\[/, () => "a window"],
];

/** Comments, and texts in quotes, which may hold anything. */
const IGNORED = /"(?:[^"\\\n]|\\.)*"|#[^\n]*/g;

/** The name of what is not supported, if that is why the text ends to be right at `end`; undefined: it is something else. */
export function unsupportedAt(text: string, end: number): string | undefined {
  const before = text.slice(0, end).replace(IGNORED, (found) => " ".repeat(found.length));
  const statement = before.slice(before.lastIndexOf(";") + 1).trimStart();
  for (const [pattern, name] of PATTERNS) {
    const found = pattern.exec(statement);
    if (found !== null) return name(found);
  }
  return undefined;
}

/** Whether a word belongs to scripts. */
export function isUnsupportedWord(word: string): boolean {
  return WORDS.has(word);
}
