/** An error of an expression for one event: the event, not the pipeline, is malformed. */
import type { Span } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";

/** Thrown by a part of a `select`, which sends the event to `err` with this message as `$error`. */
export class TrickleRuntimeError extends Error {
  /** Always "TrickleRuntimeError". */
  override readonly name = "TrickleRuntimeError";
  /** Stable; test this and not `instanceof`. */
  readonly code = "ERR_TRICKLE_RUNTIME";
  /** The message without the location. */
  readonly reason: string;
  /** Where in the pipeline. */
  readonly at: Span;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;

  /** @internal Made while an expression is evaluated. */
  constructor(source: SourceText, at: Span, reason: string, cause?: unknown) {
    const { line, column } = source.positionOf(at.start);
    super(`${source.file}:${line}:${column}: ${reason}`, cause === undefined ? {} : { cause });
    this.reason = reason;
    this.at = at;
    this.line = line;
    this.column = column;
  }
}

/** The kind of a value, for messages: "a number". */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return KINDS[typeof value] ?? "a record";
}

const KINDS: Readonly<Record<string, string>> = {
  number: "a number",
  string: "a string",
  boolean: "true or false",
  bigint: "a big integer",
  function: "a function",
  symbol: "a symbol",
};
