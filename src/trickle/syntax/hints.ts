/** Hints of syntax errors: what other languages write here, and what trickle writes. */
import { suggest } from "./suggest.ts";

/** A syntax error, as far as a hint depends on it. */
export interface SyntaxProblem {
  /** The word or the character that does not fit. */
  readonly found: string;
  /** Expected tokens and rules, as in messages. */
  readonly expected: readonly string[];
  /** The text behind `found`. */
  readonly after: string;
  /** The text before `found`. */
  readonly before: string;
  /** The parser has failed inside an interpolation. */
  readonly inInterpolation: boolean;
}

const STATEMENT = "`select`";
const EXPRESSION = "an expression";
const OPERATOR = "an operator";
const NAME = "a name";

/** The first one that applies is the hint. */
const HINTS: readonly (readonly [applies: (problem: SyntaxProblem) => boolean, hint: string])[] = [
  [
    ({ inInterpolation }) => inInterpolation,
    "`{` starts an interpolation; for the character itself write `\\{`",
  ],
  [(problem) => is(problem, OPERATOR, "="), "`==` compares"],
  [(problem) => is(problem, OPERATOR, "&"), "`and` joins two conditions"],
  [(problem) => is(problem, OPERATOR, "|"), "`or` joins two conditions"],
  [(problem) => is(problem, OPERATOR, "?"), "`present event.a` asks whether a field is there"],
  [(problem) => is(problem, OPERATOR, "~"), "there are no extractors; compare by `==`"],
  [
    (problem) => is(problem, OPERATOR, "is"),
    "`== null` compares with null, `absent event.a` asks for a field",
  ],
  [
    (problem) => is(problem, OPERATOR, "in") && isWhere(problem),
    "there is no `in`; join comparisons by `or`",
  ],
  [(problem) => is(problem, EXPRESSION, "!"), "`not` negates a condition"],
  [(problem) => is(problem, EXPRESSION, "*"), "`select event` takes the whole event"],
  [
    (problem) => is(problem, EXPRESSION, /^\d/),
    "a number has no unit: `timeout` is in ns, an option whose name ends with ms is in ms",
  ],
  [(problem) => isComment(problem), "a comment begins with `#`"],
  [({ found }) => found === "`", "a name in backticks ends in its line; that of a stream has no `/` in it"],
  [({ found }) => found === "'", "text needs double quotes"],
  [(problem) => is(problem, "a key in quotes", /^\w/), "keys need quotes"],
  [(problem) => is(problem, "`having`", "where"), "`where` comes before `into`, `having` behind it"],
  [(problem) => is(problem, "`where`", "having"), "`where` comes before `into`, `having` behind it"],
  [(problem) => is(problem, "`having`", ","), "a `select` has one target; write another `select`"],
  [(problem) => is(problem, "`having`", "end"), "a `select` has no `end`"],
  [
    (problem) => is(problem, NAME, "[") && problem.before.endsWith("."),
    "an index has no dot before it: `event.a[0]`",
  ],
  [(problem) => is(problem, NAME, "{"), "options are written `name = value`, without braces"],
  [(problem) => is(problem, NAME, '"'), "names have no quotes"],
  [
    ({ found, before }) => found === ":" && /\bcreate\s+operator\b[^;]*$/.test(before),
    "`create` takes a definition: write `define operator … from …;` first",
  ],
  [({ found, before }) => found === "stream" && /\bdefine\s+$/.test(before), "write `create stream`"],
];

/** A correction of a syntax error; undefined: not known. */
export function hintFor(problem: SyntaxProblem): string | undefined {
  const { found, expected } = problem;
  const known = HINTS.find(([applies]) => applies(problem));
  if (known !== undefined) return known[1];
  const isKeyword = expected.includes(NAME) && /^[A-Za-z_]/.test(found); // any other word is a name
  if (isKeyword) return `as a name it needs backticks: \`${found}\``;
  const words = expected.filter((phrase) => /^`\w+`$/.test(phrase)).map((phrase) => phrase.slice(1, -1));
  return suggest(found, words);
}

/** Whether `found` stands where `expected` is expected. */
function is(problem: SyntaxProblem, expected: string, found: string | RegExp): boolean {
  const matches = typeof found === "string" ? problem.found === found : found.test(problem.found);
  return matches && problem.expected.includes(expected);
}

/** `//`, `/*` or `--` where a statement or its end is expected. */
function isComment({ found, after, expected }: SyntaxProblem): boolean {
  const isSlash = found === "/" && /^[/*]/.test(after);
  return (isSlash || (found === "-" && after.startsWith("-"))) && expected.includes(STATEMENT);
}

function isWhere({ before }: SyntaxProblem): boolean {
  return /\b(?:where|having)\b[^;]*$/.test(before);
}
