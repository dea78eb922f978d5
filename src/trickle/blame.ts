/** Where in the text an error about an option belongs. */
import type { OptionError } from "../breaker/validate.ts";
import type { Define, Entry, Expression, Span } from "./ast.ts";
import type { Constants, Place } from "./constants.ts";
import { TrickleError } from "./diagnostic.ts";
import type { SourceText } from "./source.ts";

/** The options of one operator as they are written, with the constants that they see. */
export interface Written {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly constants: Constants;
}

/** An error at the entry that it speaks of; undefined where that is not written. */
export function placed(
  error: OptionError,
  { entries, constants }: Written,
  source: SourceText,
): TrickleError | undefined {
  const [name = "", ...keys] = error.option.split(/[.[\]]+/).filter((key) => key !== "");
  const entry = entries.get(name);
  if (entry === undefined) return undefined;
  let place = constants.originOf({ from: entry.name.at, value: entry.value });
  for (const key of keys) {
    const next = inside(place.value, key);
    if (next !== undefined) place = constants.originOf(next);
  }
  const at = { start: place.from.start, end: place.value.at.end };
  return new TrickleError(source, at, error.message, { hint: useOf(entry, at, source) }, error);
}

function useOf(entry: Entry, at: Span, source: SourceText): string | undefined {
  const { start } = entry.name.at;
  if (at.start >= start && at.end <= entry.value.at.end) return undefined;
  return `the option \`${entry.name.text}\` takes it in line ${source.positionOf(start).line}`;
}

/** The field or item of that key, as far as it is written out. */
function inside(value: Expression, key: string): Place | undefined {
  if (value.kind === "record") {
    const field = value.fields.find((field) => field.key.kind === "literal" && field.key.value === key);
    return field && { from: field.key.at, value: field.value };
  }
  const item = value.kind === "list" ? value.items[Number(key)] : undefined;
  return item && { from: item.at, value: item };
}

/** What is not written has no place: the type of the operator asks for it. */
export function misses({ type }: Define, error: OptionError, source: SourceText): TrickleError {
  return new TrickleError(source, type.at, error.message, {}, error);
}
