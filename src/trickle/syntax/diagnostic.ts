/** Errors and warnings about a pipeline: location, message, the expected text, a hint. */
import type { Span } from "./ast.ts";
import type { SourceText } from "./source-text.ts";

/** Helps to correct an error. */
export interface Advice {
  /** Allowed here, as the end of a sentence: "one of: in, out, cb". */
  readonly expected?: string | undefined;
  /** A correction: "did you mean `cb`?" */
  readonly hint?: string | undefined;
}

/** An error refuses the pipeline; a warning does not. */
export type Severity = "error" | "warning";

/** A hostile text may have as many errors as statements; more than these help no reader. */
const MAXIMUM_ERRORS = 100;

/** Of a longer line this many characters around the error are shown. */
const SHOWN_CHARACTERS = 100;

/** One error or warning about a pipeline, with its location. */
export class Diagnostic {
  /** An error refuses the pipeline. */
  readonly severity: Severity;
  /** One line, without the location. */
  readonly message: string;
  /** As given to `compile`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Length of the marked text in UTF-16 units, within its first line; at least 1. */
  readonly length: number;
  /** The whole line of the source, without its line break. */
  readonly sourceLine: string;
  /** Allowed here, as the end of a sentence; undefined: not known. */
  readonly expected: string | undefined;
  /** A correction; undefined: not known. */
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

  /** The headline, the line of the source with its part underlined, the expected text, and the hint. */
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

/** The pipeline is refused. `message` is the headline of the first error; `format()` has all of them in full. */
export class TrickleError extends Error {
  /** Always "TrickleError". */
  override readonly name = "TrickleError";
  /** Stable; test this, or ask `isTrickleError`, and not `instanceof`. */
  readonly code = "ERR_TRICKLE";
  /** The first error. */
  readonly diagnostic: Diagnostic;
  #others: readonly Diagnostic[] = [];

  /** @internal Made by the compiler. */
  constructor(source: SourceText, at: Span, message: string, advice: Advice = {}, cause?: unknown) {
    const diagnostic = new Diagnostic("error", source, at, message, advice);
    super(diagnostic.headline, cause === undefined ? {} : { cause });
    this.diagnostic = diagnostic;
  }

  /** @internal One error of at least one: the first in the text, with the others in `diagnostics`. */
  static of(errors: readonly TrickleError[]): TrickleError {
    const [first, ...others] = errors.toSorted(byLocation);
    if (first === undefined) throw new RangeError("errors must hold 1 error or more, got 0");
    const seen = new Set([first.diagnostic.headline]);
    const added = [first, ...others]
      .flatMap(({ diagnostics }) => diagnostics)
      .filter(({ headline }) => {
        const isNew = !seen.has(headline);
        seen.add(headline);
        return isNew;
      });
    first.#others = added.sort(byLocation).slice(0, MAXIMUM_ERRORS - 1);
    return first;
  }

  /** All errors that were found, in the order of the text; at most 100. */
  get diagnostics(): readonly Diagnostic[] {
    return [this.diagnostic, ...this.#others];
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

  /** Allowed here, as the end of a sentence; undefined: not known. */
  get expected(): string | undefined {
    return this.diagnostic.expected;
  }

  /** A correction; undefined: not known. */
  get hint(): string | undefined {
    return this.diagnostic.hint;
  }

  /** All errors: the headline, the line with its part underlined, the expected text, and the hint. */
  format(): string {
    return this.diagnostics.map((diagnostic) => diagnostic.format()).join("\n");
  }
}

/** Whether an error is a TrickleError, by its code: works across duplicate installs. */
export function isTrickleError(error: unknown): error is TrickleError {
  return error instanceof Error && "code" in error && error.code === "ERR_TRICKLE";
}

/** The order of the text. */
export function byLocation(a: Located, b: Located): number {
  return a.line - b.line || a.column - b.column;
}

interface Located {
  readonly line: number;
  readonly column: number;
}
