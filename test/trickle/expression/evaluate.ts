/** Evaluates the text of an expression as `select` would. */
import type { Meta } from "../../../src/flow/protocol/event.ts";
import { Constants } from "../../../src/trickle/expression/constants.ts";
import type { Evaluate } from "../../../src/trickle/expression/evaluate.ts";
import { compileExpression } from "../../../src/trickle/expression/expression.ts";
import { parse } from "../../../src/trickle/syntax/parser.ts";
import { SourceText } from "../../../src/trickle/syntax/source-text.ts";

export function project(expression: string): Evaluate {
  const source = new SourceText(`select ${expression} from in into out`, "test.trickle");
  const [statement] = parse(source);
  if (statement?.kind !== "select") throw new Error("not a select");
  return compileExpression(statement.project, source, new Constants());
}

export function evaluate(expression: string, data: unknown = null, meta?: Meta): unknown {
  return project(expression)({ data, meta });
}
