/** Where in the text an error about an option belongs. */
import type { OptionError } from "../../breaker/validate.ts";
import type { Constants, WrittenValue } from "../expression/constants.ts";
import type { Entry, Expression, Span } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";

/** The options of one operator as they are written, with the constants that they see. */
export interface Written {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly constants: Constants;
}

/** The error at the entry of its option; undefined where the option is not written. */
export function located(
  error: OptionError,
  { entries, constants }: Written,
  source: SourceText,
): TrickleError | undefined {
  const [name = "", ...keys] = error.option.split(/[.[\]]+/).filter((key) => key !== "");
  const entry = entries.get(name);
  if (entry === undefined) return undefined;
  let written = constants.originOf({ from: entry.name.at, value: entry.value });
  for (const key of keys) {
    const inner = partOf(written.value, key);
    if (inner !== undefined) written = constants.originOf(inner);
  }
  const at = { start: written.from.start, end: written.value.at.end };
  return new TrickleError(source, at, error.message, { hint: useOf(entry, at, source) }, error);
}

function useOf(entry: Entry, at: Span, source: SourceText): string | undefined {
  const { start } = entry.name.at;
  if (at.start >= start && at.end <= entry.value.at.end) return undefined;
  return `the option \`${entry.name.text}\` takes it in line ${source.positionOf(start).line}`;
}

/** The field or item of that key, as far as it is written out. */
function partOf(value: Expression, key: string): WrittenValue | undefined {
  if (value.kind === "record") {
    const field = value.fields.find((field) => field.key.kind === "literal" && field.key.value === key);
    return field && { from: field.key.at, value: field.value };
  }
  const item = value.kind === "list" ? value.items[Number(key)] : undefined;
  return item && { from: item.at, value: item };
}
