/** From text to statements: the generated parser, the limits of its input, and the texts of syntax errors. */
import { parse as parseGrammar } from "../../../build/grammar.ts";
import type { Name, Span, Statement } from "./ast.ts";
import { TrickleError } from "./diagnostic.ts";
import { hintFor } from "./hints.ts";
import type { SourceText } from "./source-text.ts";
import { suggest } from "./suggest.ts";
import { isUnsupportedWord, unsupportedAt } from "./unsupported.ts";

/** Longest source, in UTF-16 units. */
export const MAXIMUM_SOURCE_LENGTH = 1_048_576;

/** Deepest nesting of parentheses, lists, records, indices, interpolations, `not` and `-`, all together. */
export const MAXIMUM_DEPTH = 64;

/** Most statements: an event passes a chain of operators on the stack. */
export const MAXIMUM_STATEMENTS = 1_000;

/** Characters before a syntax error that its hint depends on. */
const LOOK_BACK = 200;

/** An error of the generated parser; its classes are built at run time and have no types. */
interface GrammarError {
  readonly location: { readonly start: { readonly offset: number } };
  readonly expected: readonly Expectation[];
}

interface Expectation {
  /** "literal" has `text`, "other" (a named rule) has `description`. */
  readonly type: string;
  readonly text?: string;
  readonly description?: string;
}

/**
 * Parses a whole source.
 *
 * @throws TrickleError where it does not follow the grammar, or is too long or nested too deep.
 */
export function parse(source: SourceText): readonly Statement[] {
  if (source.text.length > MAXIMUM_SOURCE_LENGTH) throw tooLong(source);
  let interpolationFailed = false;
  try {
    const statements: unknown = parseGrammar(source.text, {
      maximumStatements: MAXIMUM_STATEMENTS,
      maximumDepth: MAXIMUM_DEPTH,
      fail(message: string, at: Span, hint?: string): never {
        throw new TrickleError(source, at, message, { hint });
      },
      failUnknown(name: Name, called: boolean): never {
        throw unknownWord(source, name, called);
      },
      noteInterpolation(): boolean {
        interpolationFailed = true;
        return false;
      },
    });
    return statements as readonly Statement[]; // the grammar makes the nodes of ast.ts
  } catch (error) {
    if (!isGrammarError(error)) throw error;
    throw syntaxError(source, error, interpolationFailed);
  }
}

function isGrammarError(error: unknown): error is GrammarError {
  return (
    error instanceof Error && "expected" in error && Array.isArray(error.expected) && "location" in error
  );
}

function tooLong(source: SourceText): TrickleError {
  return new TrickleError(
    source,
    { start: 0, end: 0 },
    `the source is longer than ${MAXIMUM_SOURCE_LENGTH} characters`,
    {
      hint: "split it into several pipelines",
    },
  );
}

function unknownWord(source: SourceText, name: Name, called: boolean): TrickleError {
  if (called) return new TrickleError(source, name.at, `\`${name.text}\`: functions are not supported`);
  const unsupported =
    unsupportedAt(source.text, name.at.end) ??
    (isUnsupportedWord(name.text) ? `\`${name.text}\`` : undefined);
  if (unsupported !== undefined) return notSupported(source, name.at, unsupported);
  return new TrickleError(source, name.at, `\`${name.text}\` is not known in an expression`, {
    expected: "`event`, `$name` for metadata, `args.name` for a constant, or a literal",
    hint: unknownWordHint(source.text[name.at.start - 1], name.text),
  });
}

function unknownWordHint(before: string | undefined, word: string): string {
  if (before === "-") return "in a path, a name with a hyphen needs backticks: event.`a-b`";
  return suggest(word, ["event", "present", "absent", "true", "false", "null", "not"]) ?? "text needs quotes";
}

function notSupported(source: SourceText, at: Span, what: string): TrickleError {
  return new TrickleError(source, at, `${what} is not supported`, {
    hint: "docs/trickle.md lists the parts of a pipeline",
  });
}

function syntaxError(source: SourceText, error: GrammarError, interpolationFailed: boolean): TrickleError {
  const offset = error.location.start.offset;
  const expected = phrases(error.expected);
  const found = tokenAt(source.text, offset);
  if (found === "") {
    const end = source.text.trimEnd().length;
    return new TrickleError(source, { start: end, end }, "the text ends too early", {
      expected: joined(expected),
    });
  }
  const at = { start: offset, end: offset + found.length };
  const unsupported =
    unsupportedAt(source.text, at.end) ?? (isUnsupportedWord(found) ? `\`${found}\`` : undefined);
  if (unsupported !== undefined) return notSupported(source, at, unsupported);
  return new TrickleError(source, at, `unexpected ${shown(found)}`, {
    expected: joined(expected),
    hint: hintFor({
      found,
      expected,
      before: source.text.slice(Math.max(0, offset - LOOK_BACK), offset),
      after: source.text.slice(at.end, at.end + 1),
      inInterpolation: interpolationFailed,
    }),
  });
}

/** The word or the character at an offset; empty at the end. */
function tokenAt(text: string, offset: number): string {
  const token = /[\p{L}\p{N}_]+|\r\n|./suy;
  token.lastIndex = offset;
  return token.exec(text)?.[0] ?? "";
}

function shown(token: string): string {
  if (/^[\r\n]/.test(token)) return "end of the line";
  if (token === "`") return "backtick";
  if (!/^[\p{C}\p{Z}]/u.test(token)) return `\`${token}\``;
  return `U+${token.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Expected tokens and rules, each once, in a stable order. */
function phrases(expectations: readonly Expectation[]): readonly string[] {
  const all = new Set(expectations.map(phrase));
  all.delete("text");
  if (all.has("an expression")) all.delete("a path");
  return [...all].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function phrase(expectation: Expectation): string {
  if (expectation.type === "end") return "the end of the text";
  return expectation.description ?? `\`${expectation.text ?? ""}\``;
}

/** Signs and words first, kinds of things next, the end last. */
function rank(phrase: string): number {
  if (phrase.startsWith("`")) return 0;
  return phrase === "the end of the text" ? 2 : 1;
}

function joined(phrases: readonly string[]): string | undefined {
  if (phrases.length < 2) return phrases[0];
  return `${phrases.slice(0, -1).join(", ")} or ${phrases.at(-1)}`;
}
