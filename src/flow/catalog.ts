/** The operators that a pipeline can name. */
import { objectOption } from "../breaker/check.ts";
import { CircuitBreakerOperator } from "./circuitbreaker.ts";
import type { OperatorHost } from "./host.ts";
import type { Operator } from "./operator.ts";
import { Passthrough } from "./passthrough.ts";
import { readSettings } from "./settings.ts";

export type { OperatorHost } from "./host.ts";

/** Options of an operator as a pipeline writes them: snake_case keys, plain values. */
export type OperatorOptions = Readonly<Record<string, unknown>>;

/** One kind of operator. */
export interface OperatorDefinition {
  /** Module and name, such as `qos::circuit_breaker`. */
  readonly type: string;
  /** Names of the ports; the first is the default. */
  readonly inputs: readonly string[];
  /** Of an operator whose options name its outputs: those that it has without them. */
  readonly outputs: readonly string[];
  /** Options that a pipeline may write as an expression over the event; the operator gets a function of the event. */
  readonly perEvent?: readonly string[];
  /** The outputs under these options, which `validate` accepts. Default: `outputs`. */
  outputsFor?(options: OperatorOptions): readonly string[];
  /** Throws an OptionError that names option, range and value; its `option` is a path in snake_case. */
  validate(options: OperatorOptions): void;
  /** Makes an operator for one node of one graph. Throws as `validate` does. */
  create(options: OperatorOptions, host: OperatorHost): Operator;
}

const CIRCUIT_BREAKER: OperatorDefinition = {
  type: "qos::circuit_breaker",
  inputs: CircuitBreakerOperator.INPUTS,
  outputs: CircuitBreakerOperator.OUTPUTS,
  perEvent: ["endpoint"],
  validate(options) {
    readSettings(options);
  },
  create(options, host) {
    return new CircuitBreakerOperator(readSettings(options), host);
  },
};

function passthrough(type: string): OperatorDefinition {
  return {
    type,
    inputs: Passthrough.INPUTS,
    outputs: Passthrough.OUTPUTS,
    validate: refuseOptions,
    create(options) {
      refuseOptions(options);
      return new Passthrough();
    },
  };
}

function refuseOptions(options: OperatorOptions): void {
  objectOption("options", options, []);
}

/** By `type`. */
export const CATALOG: ReadonlyMap<string, OperatorDefinition> = new Map(
  [CIRCUIT_BREAKER, passthrough("generic::passthrough"), passthrough("passthrough")].map((definition) => [
    definition.type,
    definition,
  ]),
);
