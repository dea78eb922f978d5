/** Every `select` as a wire from one port to another, with what it does to the events on the way. */
import type { PortRef } from "../flow/graph/builder.ts";
import type { SelectParts } from "../flow/operator/select.ts";
import type { Expression, SelectStatement } from "./ast.ts";
import type { Constants } from "./constants.ts";
import type { Context } from "./declarations.ts";
import { TrickleError } from "./diagnostic.ts";
import { compileCondition, compileExpression } from "./expression.ts";
import type { PlaceFinder } from "./places.ts";
import type { SourceText } from "./source.ts";

export interface Wire {
  readonly from: PortRef;
  readonly to: PortRef;
  /** undefined: passes everything on as it is, so that the graph needs no operator in between. */
  readonly parts: SelectParts | undefined;
  readonly statement: SelectStatement;
}

/** What has a fault is left out: a place, an expression, or a plain wire that is there twice. */
export function wiresOf(
  selects: readonly SelectStatement[],
  places: PlaceFinder,
  { source, constants, faults }: Context,
): readonly Wire[] {
  const plain = new Map<string, Wire>();
  return selects.flatMap((statement) => {
    // One after the other, so that each of them is told.
    const from = faults.attempt(() => places.from(statement.from));
    const to = faults.attempt(() => places.into(statement.into));
    const made = faults.attempt(() => ({ parts: partsOf(statement, source, constants) }));
    if (from === undefined || to === undefined || made === undefined) return [];
    const wire: Wire = { from, to, parts: made.parts, statement };
    faults.attempt(() => refuseTwin(wire, plain, source));
    return [wire];
  });
}

function refuseTwin(wire: Wire, plain: Map<string, Wire>, source: SourceText): void {
  if (wire.parts !== undefined) return;
  const key = JSON.stringify([wire.from, wire.to]);
  const twin = plain.get(key);
  if (twin !== undefined) throw twice(wire, twin, source);
  plain.set(key, wire);
}

function partsOf(
  { project, where, having }: SelectStatement,
  source: SourceText,
  constants: Constants,
): SelectParts | undefined {
  if (isWholeEvent(project) && where === null && having === null) return undefined;
  return {
    ...(isWholeEvent(project) ? {} : { project: compileExpression(project, source, constants) }),
    ...(where === null ? {} : { where: compileCondition(where, "where", source, constants) }),
    ...(having === null ? {} : { having: compileCondition(having, "having", source, constants) }),
  };
}

function isWholeEvent(expression: Expression): boolean {
  return expression.kind === "path" && expression.root === "event" && expression.segments.length === 0;
}

function twice(wire: Wire, twin: Wire, source: SourceText): TrickleError {
  const { line } = source.positionOf(twin.statement.at.start);
  return new TrickleError(
    source,
    wire.statement.at,
    "this select is there twice: every event would be sent twice",
    {
      hint: `the first one is in line ${line}; remove one of them`,
    },
  );
}
