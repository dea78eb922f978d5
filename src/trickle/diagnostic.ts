/** Errors and warnings about a pipeline: where, what, what was expected, and what to do. */
import type { Span } from "./ast.ts";
import type { SourceText } from "./source.ts";

/** What helps to put a fault right. */
export interface Advice {
  /** What could stand there instead, as the end of a sentence: "one of: in, out, cb". */
  readonly expected?: string | undefined;
  /** What to do: "did you mean `cb`?" */
  readonly hint?: string | undefined;
}

/** An error refuses the pipeline; a warning does not. */
export type Severity = "error" | "warning";

/** Of a longer line only this many characters around the place are shown. */
const SHOWN_CHARACTERS = 100;

/** One fault of a pipeline, or one doubt about it, with its place. */
export class Diagnostic {
  /** Whether the pipeline is refused for it. */
  readonly severity: Severity;
  /** What is wrong, in one line, without the place. */
  readonly message: string;
  /** As given to `compile`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Length of the place in UTF-16 units, within its first line; at least 1. */
  readonly length: number;
  /** The whole line of the source, without its line break. */
  readonly sourceLine: string;
  /** What could stand there instead, as the end of a sentence. */
  readonly expected: string | undefined;
  /** What to do. */
  readonly hint: string | undefined;

  /** @internal Made by the compiler. */
  constructor(severity: Severity, source: SourceText, at: Span, message: string, advice: Advice = {}) {
    const { line, column } = source.positionOf(at.start);
    this.severity = severity;
    this.message = message;
    this.file = source.file;
    this.line = line;
    this.column = column;
    this.sourceLine = source.line(line);
    this.length = Math.max(1, Math.min(at.end - at.start, this.sourceLine.length - column + 1));
    this.expected = advice.expected;
    this.hint = advice.hint;
  }

  /** `file:line:column: severity: message` */
  get headline(): string {
    return `${this.file}:${this.line}:${this.column}: ${this.severity}: ${this.message}`;
  }

  /** The headline, the line of the source with the place underlined, what was expected, and the hint. */
  format(): string {
    const lines = [this.headline, ...this.#excerpt()];
    if (this.expected !== undefined) lines.push(`  expected ${this.expected}`);
    if (this.hint !== undefined) lines.push(`  hint: ${this.hint}`);
    return lines.join("\n");
  }

  #excerpt(): readonly string[] {
    const from = Math.max(
      0,
      Math.min(this.column - 1 - SHOWN_CHARACTERS / 2, this.sourceLine.length - SHOWN_CHARACTERS),
    );
    const to = Math.min(this.sourceLine.length, from + SHOWN_CHARACTERS);
    const head = from > 0 ? "…" : "";
    const tail = to < this.sourceLine.length ? "…" : "";
    const gutter = `  ${this.line} | `;
    const before = head + printable(this.sourceLine.slice(from, this.column - 1));
    const marked = this.sourceLine.slice(this.column - 1, Math.min(to, this.column - 1 + this.length));
    return [
      gutter + head + printable(this.sourceLine.slice(from, to)) + tail,
      `${" ".repeat(gutter.length - 2)}| ${blank(before)}${"^".repeat(Math.max(1, [...marked].length))}`,
    ];
  }
}

/** Control characters could move the cursor of a terminal, turn the direction of the text, or shift the caret. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, " ");
}

function blank(text: string): string {
  return " ".repeat([...text].length);
}

/** The pipeline cannot be deployed. `message` is the headline of the first fault, `format()` says everything of all of them. */
export class TrickleError extends Error {
  /** Always "TrickleError". */
  override readonly name = "TrickleError";
  /** Stable; test this, or ask `isTrickleError`, and not `instanceof`. */
  readonly code = "ERR_TRICKLE";
  /** The first fault. */
  readonly diagnostic: Diagnostic;
  #others: readonly Diagnostic[] = [];

  /** @internal Made by the compiler. */
  constructor(source: SourceText, at: Span, message: string, advice: Advice = {}, cause?: unknown) {
    const diagnostic = new Diagnostic("error", source, at, message, advice);
    super(diagnostic.headline, cause === undefined ? {} : { cause });
    this.diagnostic = diagnostic;
  }

  /** All faults that were found, in the order of the text; at most 100. */
  get diagnostics(): readonly Diagnostic[] {
    return [this.diagnostic, ...this.#others];
  }

  /** @internal The same error, which knows of other faults behind its own. */
  with(others: readonly Diagnostic[]): this {
    this.#others = others;
    return this;
  }

  /** From 1. */
  get line(): number {
    return this.diagnostic.line;
  }

  /** From 1, in UTF-16 units. */
  get column(): number {
    return this.diagnostic.column;
  }

  /** The whole line of the source, without its line break. */
  get sourceLine(): string {
    return this.diagnostic.sourceLine;
  }

  /** What could stand there instead, as the end of a sentence; undefined: nothing is known. */
  get expected(): string | undefined {
    return this.diagnostic.expected;
  }

  /** What to do; undefined: nothing is known. */
  get hint(): string | undefined {
    return this.diagnostic.hint;
  }

  /** The headline, the line with the place underlined, what was expected, and the hint. */
  format(): string {
    return this.diagnostics.map((diagnostic) => diagnostic.format()).join("\n");
  }
}

/** Tells a TrickleError by its code, which also holds when the package is installed twice. */
export function isTrickleError(error: unknown): error is TrickleError {
  return error instanceof Error && "code" in error && error.code === "ERR_TRICKLE";
}
