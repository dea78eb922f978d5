/** Lists of `name = value`, in which each name may stand once: constants, arguments, options. */
import { Constants } from "../expression/constants.ts";
import { evaluateConstant } from "../expression/expression.ts";
import type { Entry, Name, Statement } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";

/** Evaluates an entry and adds it to the constants. Throws a TrickleError. */
export function assign(entry: Entry, constants: Constants, source: SourceText): void {
  constants.define(entry, evaluateConstant(entry.value, source, constants.seen));
}

/** The constants of all lists of `with` that stand by themselves. Throws a TrickleError. */
export function constantsOf(statements: readonly Statement[], source: SourceText): Constants {
  const entries = statements.flatMap((statement) =>
    statement.kind === "constants" ? statement.entries : [],
  );
  const constants = new Constants();
  for (const entry of byName(entries, source).values()) assign(entry, constants, source);
  return constants;
}

/** In the order of the text. Throws a TrickleError at a name that is there twice. */
export function byName<Named extends { readonly name: Name }>(
  entries: readonly Named[],
  source: SourceText,
): Map<string, Named> {
  const found = new Map<string, Named>();
  for (const entry of entries) {
    const { text, at } = entry.name;
    const earlier = found.get(text)?.name;
    if (earlier !== undefined) throw setTwice(text, at, earlier, source);
    found.set(text, entry);
  }
  return found;
}

function setTwice(text: string, at: Name["at"], earlier: Name, source: SourceText): TrickleError {
  const { line } = source.positionOf(earlier.at.start);
  return new TrickleError(source, at, `\`${text}\` is set twice`, {
    hint: `the first one is in line ${line}; remove one of them`,
  });
}
