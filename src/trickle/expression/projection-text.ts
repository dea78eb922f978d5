/**
 * The JSON text of a projected record, where the text of the event has numbers that JavaScript changes: ids beyond 2^53,
 * `1e400`, `-0`, `1.0`. Values that are copied out of the event are slices of its text, so their digits stay.
 */
import type { Expression, List, Path, RecordLiteral } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import { mayChange } from "./changed-digits.ts";
import type { Constants } from "./constants.ts";
import type { Evaluate, Subject } from "./evaluate.ts";
import { EvaluationBudget } from "./evaluation-budget.ts";
import { compileExpression } from "./expression.ts";
import { sliceOf } from "./json-slice.ts";
import { TrickleRuntimeError } from "./runtime-error.ts";

/** JSON; throws a TrickleRuntimeError where the slices are too long together. */
type Write = (subject: Required<Subject>) => string;

/** Whether the expression copies a part of the event as it is, so that its digits can matter. */
export function copiesEvent(expression: Expression): boolean {
  if (expression.kind === "path") return expression.root === "event";
  if (expression.kind === "list") return expression.items.some(copiesEvent);
  return expression.kind === "record" && expression.fields.some(({ value }) => copiesEvent(value));
}

/**
 * The text of the value of an expression that copies parts of the event.
 *
 * @returns a function of the subject and that value; undefined where `JSON.stringify` of the value is the same, or the text
 * were too long
 */
export function projectionText(
  expression: Expression,
  source: SourceText,
  constants: Constants,
): (subject: Subject, value: unknown) => string | undefined {
  let writer: ProjectionWriter | undefined;
  return (subject, value) => {
    if (!hasNumber(value)) return undefined;
    const { text } = subject;
    if (text === undefined || !mayChange(text)) return undefined;
    writer ??= new ProjectionWriter(expression, source, constants);
    return writer.write({ data: subject.data, meta: subject.meta, text });
  };
}

/** As deep as the value is nested, which is as deep as its text was when it was parsed. */
function hasNumber(value: unknown): boolean {
  if (typeof value === "number") return true;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasNumber);
  for (const name in value) if (hasNumber((value as Readonly<Record<string, unknown>>)[name])) return true;
  return false;
}

/** Made when the first event needs it. */
class ProjectionWriter {
  readonly #source: SourceText;
  readonly #constants: Constants;
  readonly #budget: EvaluationBudget;
  readonly #write: Write;

  constructor(expression: Expression, source: SourceText, constants: Constants) {
    this.#source = source;
    this.#constants = constants;
    this.#budget = new EvaluationBudget(source);
    this.#write = this.#compile(expression);
  }

  write(subject: Required<Subject>): string | undefined {
    this.#budget.reset();
    try {
      return this.#write(subject);
    } catch (error) {
      if (error instanceof TrickleRuntimeError) return undefined;
      throw error;
    }
  }

  #compile(expression: Expression): Write {
    if (expression.kind === "list") return this.#list(expression);
    if (expression.kind === "record") return this.#record(expression);
    if (expression.kind === "path" && expression.root === "event") return this.#path(expression);
    const evaluate = this.#evaluate(expression);
    return (subject) => jsonOf(evaluate(subject));
  }

  #list({ items }: List): Write {
    const writes = items.map((item) => this.#compile(item));
    return (subject) => `[${writes.map((write) => write(subject)).join(",")}]`;
  }

  #record({ fields }: RecordLiteral): Write {
    const parts = fields.map(({ key, value }) => ({
      key: this.#evaluate(key),
      write: this.#compile(value),
    }));
    return (subject) => {
      // Of two computed keys that turn out equal the later one stays.
      const texts = new Map(parts.map(({ key, write }) => [jsonOf(key(subject)), write(subject)]));
      return `{${Array.from(texts, ([key, text]) => `${key}:${text}`).join(",")}}`;
    };
  }

  #path(path: Path): Write {
    const keys = path.segments.map(({ key }) => this.#evaluate(key));
    const evaluate = this.#evaluate(path);
    const { at } = path;
    return (subject) => {
      const value = evaluate(subject);
      const isNumberOrGroup = typeof value === "number" || (typeof value === "object" && value !== null);
      const path = isNumberOrGroup ? keys.map((key) => key(subject)) : undefined;
      const found = path && sliceOf(subject.text ?? "", path);
      if (found === undefined) return jsonOf(value);
      this.#budget.countCharacters(found.length, at);
      return found;
    };
  }

  #evaluate(expression: Expression): Evaluate {
    return compileExpression(expression, this.#source, this.#constants);
  }
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}
