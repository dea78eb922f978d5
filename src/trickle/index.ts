/**
 * Pipelines as text: `compile` checks them, `Program.deploy` makes them a graph.
 * @module bluesmoke/trickle
 */
export type { Span } from "./ast.ts";
export type { Blueprint, BlueprintLink, BlueprintNode, Clause, EndNode, InnerNode } from "./blueprint.ts";
export { type CompileOptions, compile } from "./compile.ts";
export { MAXIMUM_COPIES } from "./copies.ts";
export { type Advice, Diagnostic, isTrickleError, type Severity, TrickleError } from "./diagnostic.ts";
export { MAXIMUM_PARTS } from "./expression.ts";
export { TrickleRuntimeError } from "./failure.ts";
export { MAXIMUM_CHARACTERS, MAXIMUM_VALUE_DEPTH, MAXIMUM_VALUES } from "./meter.ts";
export { MAXIMUM_DEPTH, MAXIMUM_SOURCE_LENGTH, MAXIMUM_STATEMENTS } from "./parser.ts";
export type { Program } from "./program.ts";
