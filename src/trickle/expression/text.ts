/** Strings with interpolated expressions. */
import type { Span, Text } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Compiler, Subject } from "./evaluate.ts";
import { kindOf, TrickleRuntimeError } from "./runtime-error.ts";

/** Strings stand as they are, everything else as JSON. */
export function compileText(text: Text, compiler: Compiler): (subject: Subject) => string {
  const { budget } = compiler;
  const parts = text.parts.map((part) =>
    typeof part === "string" ? part : { at: part.at, evaluate: compiler.compile(part) },
  );
  return (subject) => {
    let joined = "";
    for (const part of parts) {
      const more = typeof part === "string" ? part : render(compiler, part.at, part.evaluate(subject));
      joined = budget.join(joined, more, text.at);
    }
    budget.countCharacters(joined.length, text.at);
    return joined;
  };
}

function render({ source, budget }: Compiler, at: Span, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object") budget.weigh(value, at);
  const json = toJson(source, at, value);
  if (json !== undefined) return json;
  throw new TrickleRuntimeError(source, at, `${kindOf(value)} cannot be put into a string`);
}

/** JSON.stringify throws for values that a host may put into an event: cycles, big integers, values nested too deep. */
function toJson(source: SourceText, at: Span, value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new TrickleRuntimeError(source, at, `${kindOf(value)} cannot be put into a string`, error);
  }
}
