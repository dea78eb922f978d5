/**
 * Pipelines as text: `compile` checks them, `Program.deploy` makes them a graph.
 * @module bluesmoke/trickle
 */

export { MAXIMUM_FAN_OUT } from "./check/fan-out-limit.ts";
export type { Blueprint, BlueprintLink, BlueprintNode, Clause, EndNode, InnerNode } from "./check/lower.ts";
export { type CompileOptions, compile } from "./compile.ts";
export { MAXIMUM_CHARACTERS, MAXIMUM_VALUE_DEPTH, MAXIMUM_VALUES } from "./expression/evaluation-budget.ts";
export { MAXIMUM_PARTS } from "./expression/expression.ts";
export { TrickleRuntimeError } from "./expression/runtime-error.ts";
export type { Program } from "./program.ts";
export type { Span } from "./syntax/ast.ts";
export { type Advice, Diagnostic, isTrickleError, type Severity, TrickleError } from "./syntax/diagnostic.ts";
export { MAXIMUM_DEPTH, MAXIMUM_SOURCE_LENGTH, MAXIMUM_STATEMENTS } from "./syntax/parser.ts";
