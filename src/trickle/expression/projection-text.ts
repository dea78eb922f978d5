/**
 * The text of what a `select` makes, where the text of the event has numbers that JavaScript changes: ids beyond 2^53,
 * `1e400`, `-0`, `1.0`. Values that are copied out of the event are slices of its text, so their digits stay.
 */
import type { Expression, List, Path, RecordLiteral } from "../syntax/ast.ts";
import type { Compiler, Subject } from "./evaluate.ts";
import { MAXIMUM_CHARACTERS } from "./evaluation-budget.ts";
import { sliceOf } from "./json-slice.ts";

/** JSON; throws what the parts of the expression throw. */
type Write = (subject: Required<Subject>) => string;

/**
 * A number that `JSON.stringify(JSON.parse(…))` may write with other digits, behind what comes before a number in JSON: 16
 * digits or more, an exponent, a fraction that ends with 0, a fraction that is written with an exponent, `-0`. Text in
 * quotes may match as well, which costs time and changes nothing.
 */
const CHANGED =
  /(?:^|[:,[\s])-?(?:\d[\d.]{15}|\d+(?:\.\d+)?[eE]|\d+\.\d*0(?![\d.])|0\.000000|(?<=-)0(?![\d.]))/;

/** Whether the expression copies a part of the event as it is, so that its digits can matter. */
export function copiesEvent(expression: Expression): boolean {
  if (expression.kind === "path") return expression.root === "event";
  if (expression.kind === "list") return expression.items.some(copiesEvent);
  return expression.kind === "record" && expression.fields.some(({ value }) => copiesEvent(value));
}

/**
 * The text of what the expression makes of a subject.
 *
 * @param compiler of that expression; used once a text is needed
 * @returns a function that returns undefined where `JSON.stringify(value)` says the same, or the text would be too long
 */
export function projectionText(
  expression: Expression,
  compiler: () => Compiler,
): (subject: Subject, value: unknown) => string | undefined {
  let write: Write | undefined;
  return ({ data, meta, text }, value) => {
    if (text === undefined || !hasNumber(value) || !CHANGED.test(text)) return undefined;
    write ??= compileWrite(expression, compiler());
    const written = write({ data, meta, text });
    return written.length > MAXIMUM_CHARACTERS ? undefined : written;
  };
}

/** Where it is nested too deep to look for one, there may be one. */
function hasNumber(value: unknown): boolean {
  if (typeof value === "number") return true;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasNumber);
  for (const name in value) if (hasNumber((value as Readonly<Record<string, unknown>>)[name])) return true;
  return false;
}

function compileWrite(expression: Expression, compiler: Compiler): Write {
  if (expression.kind === "list") return writeList(expression, compiler);
  if (expression.kind === "record") return writeRecord(expression, compiler);
  if (expression.kind === "path" && expression.root === "event") return writePath(expression, compiler);
  const evaluate = compiler.compile(expression);
  return (subject) => JSON.stringify(evaluate(subject)) ?? "null";
}

function writeList({ items }: List, compiler: Compiler): Write {
  const writes = items.map((item) => compileWrite(item, compiler));
  return (subject) => `[${writes.map((write) => write(subject)).join(",")}]`;
}

function writeRecord({ fields }: RecordLiteral, compiler: Compiler): Write {
  const parts = fields.map(({ key, value }) => ({
    key: compiler.compile(key),
    write: compileWrite(value, compiler),
  }));
  return (subject) => {
    // Of two computed keys that turn out equal the later one stays.
    const texts = new Map(parts.map(({ key, write }) => [JSON.stringify(key(subject)), write(subject)]));
    return `{${Array.from(texts, ([key, text]) => `${key}:${text}`).join(",")}}`;
  };
}

function writePath(path: Path, compiler: Compiler): Write {
  const keys = path.segments.map(({ key }) => compiler.compile(key));
  const evaluate = compiler.compile(path);
  return (subject) =>
    sliceOf(
      subject.text ?? "",
      keys.map((key) => key(subject)),
    ) ??
    JSON.stringify(evaluate(subject)) ??
    "null";
}
