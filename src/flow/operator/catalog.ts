/** The operators that a pipeline can name. */
import { objectOption } from "../../breaker/validate.ts";
import { OVERFLOW } from "../graph/portname.ts";
import type { OperatorHost } from "../host.ts";
import { Backpressure, readBackpressure } from "./backpressure.ts";
import { Batch, readBatch } from "./batch.ts";
import { CircuitBreakerOperator } from "./circuitbreaker.ts";
import type { Operator } from "./operator.ts";
import { Passthrough } from "./passthrough.ts";
import { Percentile, readPercentile } from "./percentile.ts";
import { RoundRobin, readRoundRobin } from "./roundrobin.ts";
import { readSettings } from "./settings.ts";

export type { OperatorHost } from "../host.ts";

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
  /** Options that are times in ns. Default: none. */
  readonly nanoseconds?: readonly string[];
  /** The outputs under these options, which `validate` accepts. Default: `outputs`. */
  outputsFor?(options: OperatorOptions): readonly string[];
  /** Throws an OptionError that names option, range and value; its `option` is a path in snake_case. */
  validate(options: OperatorOptions): void;
  /** Makes an operator for one node of one graph. Throws as `validate` does. */
  create(options: OperatorOptions, host: OperatorHost): Operator;
}

/** A definition of which options become settings, and settings an operator. */
function define<Settings>(parts: {
  readonly type: string;
  readonly ports: { readonly INPUTS: readonly string[]; readonly OUTPUTS: readonly string[] };
  readonly perEvent?: readonly string[];
  readonly nanoseconds?: readonly string[];
  readonly read: (options: OperatorOptions) => Settings;
  readonly make: (settings: Settings, host: OperatorHost) => Operator;
}): OperatorDefinition {
  const { type, ports, read, make, ...rest } = parts;
  return {
    ...rest,
    type,
    inputs: ports.INPUTS,
    outputs: ports.OUTPUTS,
    validate(options) {
      read(options);
    },
    create: (options, host) => make(read(options), host),
  };
}

function passthrough(type: string): OperatorDefinition {
  return define({
    type,
    ports: Passthrough,
    read: (options) => objectOption("options", options, []),
    make: () => new Passthrough(),
  });
}

function backpressure(type: string): OperatorDefinition {
  return define({
    type,
    ports: Backpressure,
    nanoseconds: ["timeout"],
    read: readBackpressure,
    make: (settings) => new Backpressure(settings),
  });
}

const DEFINITIONS: readonly OperatorDefinition[] = [
  define({
    type: "qos::circuit_breaker",
    ports: CircuitBreakerOperator,
    perEvent: ["endpoint"],
    read: readSettings,
    make: (settings, host) => new CircuitBreakerOperator(settings, host),
  }),
  backpressure("qos::backpressure"),
  // Its name in tremor before version 0.9.
  backpressure("generic::backpressure"),
  define({
    type: "qos::percentile",
    ports: Percentile,
    nanoseconds: ["timeout"],
    read: readPercentile,
    make: (settings) => new Percentile(settings),
  }),
  {
    ...define({
      type: "qos::roundrobin",
      ports: { INPUTS: RoundRobin.INPUTS, OUTPUTS: ["out", OVERFLOW] },
      read: readRoundRobin,
      make: (names) => new RoundRobin(names),
    }),
    outputsFor: (options) => RoundRobin.outputsFor(readRoundRobin(options)),
  },
  define({
    type: "generic::batch",
    ports: Batch,
    nanoseconds: ["timeout"],
    read: readBatch,
    make: (settings) => new Batch(settings),
  }),
  passthrough("generic::passthrough"),
  passthrough("passthrough"),
];

/** By `type`. */
export const CATALOG: ReadonlyMap<string, OperatorDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.type, definition]),
);
