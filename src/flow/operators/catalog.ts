/** The operators that a pipeline can name. */
import { objectOption } from "../../breaker/validate.ts";
import type { Operator } from "../protocol/operator.ts";
import { OVERFLOW } from "../protocol/port-name.ts";
import { Backpressure, readBackpressure } from "./backpressure.ts";
import { Batch, readBatch } from "./batch.ts";
import { CircuitBreakerOperator } from "./circuit-breaker.ts";
import { readSettings } from "./circuit-breaker-options.ts";
import type { OperatorHost } from "./host.ts";
import { Passthrough } from "./passthrough.ts";
import { Percentile, readPercentile } from "./percentile.ts";
import { RoundRobin, readRoundRobin } from "./round-robin.ts";

export type { OperatorHost } from "./host.ts";

/** Options of an operator as a pipeline writes them: snake_case keys, plain values. */
export type OperatorOptions = Readonly<Record<string, unknown>>;

/**
 * One kind of operator. A host gives its own to `compile`. Options are read once for each operator of a pipeline, and an
 * operator is made from what was read as often as the pipeline is deployed.
 */
export interface OperatorDefinition<Settings = unknown> {
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
  /** As `Operator.sharesOut`. */
  readonly sharesOut?: boolean;
  /** The outputs of an operator with these settings. Default: `outputs`. */
  outputsFor?(settings: Settings): readonly string[];
  /**
   * What the options mean: plain data that does not change. An option that is required is read last, so that the errors of
   * those that are written come first.
   *
   * @throws OptionError that names option, range and value; its `option` is a path in snake_case
   */
  read(options: OperatorOptions): Settings;
  /** Makes an operator for one node of one graph. Opens nothing: that is for `connect`. */
  create(settings: Settings, host: OperatorHost): Operator;
}

interface Ports {
  readonly INPUTS: readonly string[];
  readonly OUTPUTS: readonly string[];
}

/** A definition with the ports of its class. */
function define<Settings>(
  { INPUTS: inputs, OUTPUTS: outputs }: Ports,
  rest: Omit<OperatorDefinition<Settings>, "inputs" | "outputs">,
): OperatorDefinition<Settings> {
  return { ...rest, inputs, outputs };
}

function passthrough(type: string): OperatorDefinition {
  return define(Passthrough, {
    type,
    read: (options) => objectOption("options", options, []),
    create: () => new Passthrough(),
  });
}

function backpressure(type: string): OperatorDefinition {
  return define(Backpressure, {
    type,
    nanoseconds: ["timeout"],
    read: readBackpressure,
    create: (settings) => new Backpressure(settings),
  });
}

const DEFINITIONS: readonly OperatorDefinition[] = [
  define(CircuitBreakerOperator, {
    type: "qos::circuit_breaker",
    perEvent: ["endpoint"],
    read: readSettings,
    create: (settings, host) => new CircuitBreakerOperator(settings, host),
  }),
  backpressure("qos::backpressure"),
  // Its name in tremor before version 0.9.
  backpressure("generic::backpressure"),
  define(Percentile, {
    type: "qos::percentile",
    nanoseconds: ["timeout"],
    read: readPercentile,
    create: (settings) => new Percentile(settings),
  }),
  define(
    { INPUTS: RoundRobin.INPUTS, OUTPUTS: ["out", OVERFLOW] },
    {
      type: "qos::roundrobin",
      sharesOut: true,
      outputsFor: RoundRobin.outputsFor,
      read: readRoundRobin,
      create: (names) => new RoundRobin(names),
    },
  ),
  define(Batch, {
    type: "generic::batch",
    nanoseconds: ["timeout"],
    read: readBatch,
    create: (settings) => new Batch(settings),
  }),
  passthrough("generic::passthrough"),
  passthrough("passthrough"),
];

/** By `type`. */
export const CATALOG: ReadonlyMap<string, OperatorDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.type, definition]),
);
