/** Strings with interpolated expressions. */
import type { Span, Text } from "./ast.ts";
import type { Compiler, Subject } from "./evaluate.ts";
import { kindOf, TrickleRuntimeError } from "./failure.ts";
import type { SourceText } from "./source.ts";

/** Strings stand as they are, everything else as JSON. */
export function compileText(text: Text, compiler: Compiler): (subject: Subject) => string {
  const { source } = compiler;
  const parts = text.parts.map((part) =>
    typeof part === "string" ? part : { at: part.at, evaluate: compiler.compile(part) },
  );
  return (subject) => {
    let joined = "";
    for (const part of parts) {
      joined += typeof part === "string" ? part : render(source, part.at, part.evaluate(subject));
    }
    return joined;
  };
}

function render(source: SourceText, at: Span, value: unknown): string {
  if (typeof value === "string") return value;
  const json = toJson(source, at, value);
  if (json !== undefined) return json;
  throw new TrickleRuntimeError(source, at, `${kindOf(value)} cannot be put into a string`);
}

/** JSON throws on what a host may have put into an event: circles, big integers, values nested too deep. */
function toJson(source: SourceText, at: Span, value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new TrickleRuntimeError(source, at, `${kindOf(value)} cannot be put into a string`, error);
  }
}
