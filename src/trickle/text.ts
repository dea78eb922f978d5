/** Strings with interpolated expressions. */
import type { Span, Text } from "./ast.ts";
import type { Compiler, Subject } from "./evaluate.ts";
import { kindOf, TrickleRuntimeError } from "./failure.ts";
import type { SourceText } from "./source.ts";

/** Strings stand as they are, everything else as JSON. */
export function compileText(text: Text, compiler: Compiler): (subject: Subject) => string {
  const { meter } = compiler;
  const parts = text.parts.map((part) =>
    typeof part === "string" ? part : { at: part.at, evaluate: compiler.compile(part) },
  );
  return (subject) => {
    let joined = "";
    for (const part of parts) {
      const more = typeof part === "string" ? part : render(compiler, part.at, part.evaluate(subject));
      joined = meter.join(joined, more, text.at);
    }
    meter.countCharacters(joined.length, text.at);
    return joined;
  };
}

function render({ source, meter }: Compiler, at: Span, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object") meter.weigh(value, at);
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
