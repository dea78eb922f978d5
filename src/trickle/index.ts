/** Pipelines as text: `compile` checks them, `Program.deploy` makes them a graph. */
export { type CompileOptions, compile } from "./compile.ts";
export { type Advice, Diagnostic, isTrickleError, type Severity, TrickleError } from "./diagnostic.ts";
export { TrickleRuntimeError } from "./failure.ts";
export { MAXIMUM_DEPTH, MAXIMUM_SOURCE_LENGTH, MAXIMUM_STATEMENTS } from "./parser.ts";
export type { Program } from "./program.ts";
