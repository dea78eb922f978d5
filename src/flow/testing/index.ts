/**
 * `bluesmoke/flow/testing`: what the tests of an operator need, in any test runner.
 * @module bluesmoke/flow/testing
 */
export { HandSink } from "./handsink.ts";
export { type PushOptions, Workbench } from "./workbench.ts";
