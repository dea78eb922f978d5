/** Every wrong option of an operator. `read` throws the first error; the next one shows once that option is left out. */
import { isOptionError, type OptionError } from "../../breaker/validate.ts";
import type { OperatorDefinition } from "../../flow/operators/catalog.ts";
import type { Name } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import { located, type Written } from "./error-location.ts";

/** An operator that refuses its options. */
export interface Refusal {
  readonly operator: Pick<OperatorDefinition, "read">;
  readonly options: Readonly<Record<string, unknown>>;
  readonly written: Written;
  /** Where the error about an option belongs that is not written; undefined: it is no error. */
  readonly missed: Name | undefined;
  readonly source: SourceText;
}

/**
 * The errors in the order in which the operator finds them.
 *
 * @param first the error that `read` threw; anything but an OptionError is thrown again
 */
export function optionErrors(first: unknown, refusal: Refusal): readonly TrickleError[] {
  const { operator, written, missed, source } = refusal;
  const errors: TrickleError[] = [];
  const removed = new Set<string>();
  let options: unknown = refusal.options;
  let error: OptionError | undefined = asOptionError(first);
  while (error !== undefined && !removed.has(error.option)) {
    const found = located(error, written, source);
    if (found === undefined) {
      if (missed !== undefined && !isMeant(error.option, errors)) errors.push(atType(missed, error, source));
      break;
    }
    if (!follows(error, removed)) errors.push(found);
    removed.add(error.option);
    options = without(options, keysOf(error.option));
    error = errorOf(operator, options);
  }
  return errors;
}

function errorOf(operator: Refusal["operator"], options: unknown): OptionError | undefined {
  try {
    operator.read(options as Refusal["options"]);
    return undefined;
  } catch (error) {
    return asOptionError(error);
  }
}

function asOptionError(error: unknown): OptionError {
  if (isOptionError(error)) return error;
  throw error;
}

/** `maximum_slow_rate requires slow_call_ms`: no error of its own where `slow_call_ms` was left out for being wrong. */
function follows({ message }: OptionError, removed: ReadonlySet<string>): boolean {
  const [, requirement = ""] = message.split(" requires ");
  return [...removed].some((option) => keysOf(option).at(-1) === requirement);
}

/** Whether another name was written for it. */
function isMeant(option: string, errors: readonly TrickleError[]): boolean {
  return errors.some(({ message }) => message.includes(`did you mean "${option}"?`));
}

/** The type of the operator asks for an option that is not written. */
function atType(type: Name, error: OptionError, source: SourceText): TrickleError {
  return new TrickleError(source, type.at, error.message, {}, error);
}

/** `a.b[0].c`: a, b, 0, c. */
function keysOf(option: string): readonly string[] {
  return option.split(/[.[\]]+/).filter((key) => key !== "");
}

/** A copy without the value at the path. An item of a list takes the list with it: the others would move. */
function without(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === Number(key) ? without(item, rest) : item));
  }
  const { [key]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  const isList = Array.isArray(inner);
  const isInside = rest.length > (isList ? 1 : 0) && typeof inner === "object" && inner !== null;
  return isInside ? { ...others, [key]: without(inner, rest) } : others;
}
