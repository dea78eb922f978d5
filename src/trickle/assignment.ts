/** `name = value`: how constants and arguments get their values. */
import type { Entry, Statement } from "./ast.ts";
import { Constants } from "./constants.ts";
import { evaluateConstant } from "./expression.ts";
import { byName } from "./names.ts";
import type { SourceText } from "./source.ts";

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
