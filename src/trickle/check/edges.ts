/** Every `select` as an edge from one port to another, with the work on events between them. */
import type { SelectParts } from "../../flow/operators/select.ts";
import type { PortRef } from "../../flow/protocol/graph-error.ts";
import type { Constants } from "../expression/constants.ts";
import { compileCondition, compileExpression } from "../expression/expression.ts";
import { copiesEvent, projectionText } from "../expression/projection-text.ts";
import type { Expression, SelectStatement } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Context } from "./declarations.ts";
import type { References } from "./references.ts";

export interface Edge {
  readonly from: PortRef;
  readonly to: PortRef;
  /** undefined: events pass as they are, so that the graph needs no operator in between. */
  readonly parts: SelectParts | undefined;
  readonly statement: SelectStatement;
}

/** A `select` with an error in one of its ports or expressions is left out. */
export function edgesOf(
  selects: readonly SelectStatement[],
  references: References,
  { source, constants, recovery }: Context,
): readonly Edge[] {
  return selects.flatMap((statement) => {
    // One attempt each, so that each error is reported.
    const from = recovery.attempt(() => references.from(statement.from));
    const to = recovery.attempt(() => references.into(statement.into));
    const made = recovery.attempt(() => ({ parts: partsOf(statement, source, constants) }));
    if (from === undefined || to === undefined || made === undefined) return [];
    return [{ from, to, parts: made.parts, statement }];
  });
}

function partsOf(
  { project, where, having }: SelectStatement,
  source: SourceText,
  constants: Constants,
): SelectParts | undefined {
  if (isWholeEvent(project) && where === null && having === null) return undefined;
  return {
    ...(isWholeEvent(project) ? {} : { project: compileExpression(project, source, constants) }),
    ...(!isWholeEvent(project) && copiesEvent(project)
      ? { text: projectionText(project, source, constants) }
      : {}),
    ...(where === null ? {} : { where: compileCondition(where, "where", source, constants) }),
    ...(having === null ? {} : { having: compileCondition(having, "having", source, constants) }),
  };
}

function isWholeEvent(expression: Expression): boolean {
  return expression.kind === "path" && expression.root === "event" && expression.segments.length === 0;
}
