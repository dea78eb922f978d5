/**
 * `bluesmoke/flow/testing`: tools for the tests of an operator, in any test runner.
 * @module bluesmoke/flow/testing
 */
export { HandSink } from "./hand-sink.ts";
export { type PushOptions, Workbench } from "./workbench.ts";
