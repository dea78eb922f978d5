/**
 * Limits the work of one expression for one event. A pipeline has no loops, but an expression can name an event many
 * times, and the next `select` can name the result as often: a few lines would fill the memory.
 */
import type { Span } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import { TrickleRuntimeError } from "./runtime-error.ts";

/** Values that one expression may make or compare for one event: items, fields, and those inside of them. */
export const MAXIMUM_VALUES = 1_000_000;

/** UTF-16 units of text that one expression may make or compare for one event: 16 Mi. */
export const MAXIMUM_CHARACTERS = 16_777_216;

/** Lists and records nested deeper than this are not followed: an event must not overflow the stack. */
export const MAXIMUM_VALUE_DEPTH = 256;

export class EvaluationBudget {
  readonly #source: SourceText;
  #values = MAXIMUM_VALUES;
  #characters = MAXIMUM_CHARACTERS;

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** Before every event. */
  reset(): void {
    this.#values = MAXIMUM_VALUES;
    this.#characters = MAXIMUM_CHARACTERS;
  }

  /** Throws a TrickleRuntimeError when so many values more are too many. */
  countValues(count: number, at: Span): void {
    this.#values -= count;
    if (this.#values < 0) throw this.#fail(at, `this takes more than ${MAXIMUM_VALUES} values for one event`);
  }

  /** Throws a TrickleRuntimeError when so much text more is too much. */
  countCharacters(count: number, at: Span): void {
    this.#characters -= count;
    if (this.#characters < 0) throw this.#tooLong(at);
  }

  /** Joins two strings, unless the result alone is too long. The caller counts the final string. */
  join(left: string, right: string, at: Span): string {
    if (left.length + right.length > MAXIMUM_CHARACTERS) throw this.#tooLong(at);
    return left + right;
  }

  /** Counts a value and everything in it, as often as it is there. */
  weigh(value: unknown, at: Span, depth = 0): void {
    this.countValues(1, at);
    if (typeof value === "string") this.countCharacters(value.length, at);
    else if (Array.isArray(value)) this.#weighList(value, at, depth);
    else if (typeof value === "object" && value !== null) this.#weighRecord(value, at, depth);
  }

  /** Throws a TrickleRuntimeError where a list or record lies too deep. */
  checkDepth(depth: number, at: Span): void {
    if (depth === MAXIMUM_VALUE_DEPTH) {
      throw this.#fail(at, `values nested more than ${MAXIMUM_VALUE_DEPTH} levels deep are not followed`);
    }
  }

  #weighList(list: readonly unknown[], at: Span, depth: number): void {
    this.checkDepth(depth, at);
    for (let i = 0; i < list.length; i++) this.weigh(list[i], at, depth + 1);
  }

  /** Inherited fields are counted as well: that is too many rather than too few, and asks nothing of each. */
  #weighRecord(record: object, at: Span, depth: number): void {
    this.checkDepth(depth, at);
    for (const name in record) {
      this.countCharacters(name.length, at);
      this.weigh((record as Readonly<Record<string, unknown>>)[name], at, depth + 1);
    }
  }

  #tooLong(at: Span): TrickleRuntimeError {
    return this.#fail(at, `this takes more than ${MAXIMUM_CHARACTERS} characters for one event`);
  }

  #fail(at: Span, reason: string): TrickleRuntimeError {
    return new TrickleRuntimeError(this.#source, at, reason);
  }
}
