/**
 * `qos::percentile`: lets a share of the events pass, less after each bad answer, more after each good one.
 *
 * Ports: `in`; `out`, `overflow`. A trigger or restore of a sink behind it changes no share, and goes on upstream. Tremor draws
 * by the last digits of the ingest time in ns. Ours has fewer digits, and a draw lets runs of luck through: here the events
 * that pass are spread evenly, so that a replay is the same.
 */
import { numberOption, objectOption } from "../../breaker/validate.ts";
import { findCorrelation } from "../protocol/correlation.ts";
import type { FlowEvent } from "../protocol/event.ts";
import type { Insight } from "../protocol/insight.ts";
import type { Operator, OperatorContext, Output } from "../protocol/operator.ts";
import { verdictOf } from "./answer.ts";
import { timeoutOption } from "./timeout-option.ts";

/** Some must always pass, or no answer could ever raise the share again: about as many as tremor's draw lets through. */
const MINIMUM_SHARE = 1 / 65_536;

/** Options of the operator; a pipeline writes `timeout` in ns. */
export interface PercentileSettings {
  /** An answer that took longer, in ms, is bad. */
  readonly timeoutMs: number;
  /** Taken off the share after a bad answer. 0..1, default 0.05. */
  readonly stepDown: number;
  /** Added to it after a good one. 0..1, default 0.001. */
  readonly stepUp: number;
}

/** Throws an OptionError that names option, range and value. */
export function readPercentile(options: Readonly<Record<string, unknown>>): PercentileSettings {
  const fields = objectOption("options", options, ["timeout", "step_down", "step_up"]);
  return {
    stepDown: numberOption("step_down", fields.step_down, { from: 0, to: 1 }, 0.05),
    stepUp: numberOption("step_up", fields.step_up, { from: 0, to: 1 }, 0.001),
    timeoutMs: timeoutOption("timeout", fields.timeout),
  };
}

/** `qos::percentile`: lets a share of the events through, which falls with slow or failed answers and rises with good ones. */
export class Percentile implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in"];
  /** Names of the output ports; the first is the default. */
  static readonly OUTPUTS: readonly string[] = ["out", "overflow"];
  readonly inputs = Percentile.INPUTS;
  readonly outputs = Percentile.OUTPUTS;
  readonly #settings: PercentileSettings;
  #share = 1;
  /** The sum of shares that the events so far have left over: one passes when it comes to 1. */
  #credit = 0;
  // Set in connect, which comes before everything else.
  #node!: number;
  #out!: Output;
  #overflow!: Output;

  constructor(settings: PercentileSettings) {
    this.#settings = settings;
  }

  connect(context: OperatorContext): void {
    this.#node = context.node;
    this.#out = context.output("out");
    this.#overflow = context.output("overflow");
  }

  onEvent(event: FlowEvent): void {
    this.#credit += Math.max(this.#share, MINIMUM_SHARE);
    if (this.#credit < 1) {
      this.#overflow.emit(event);
      return;
    }
    this.#credit -= 1;
    event.correlate(this.#node, 0);
    this.#out.emit(event);
  }

  onInsight(insight: Insight): boolean {
    const correlation = findCorrelation(insight.correlations, this.#node);
    const verdict = correlation && verdictOf(correlation, insight, this.#settings.timeoutMs);
    if (verdict === "good") this.#share = Math.min(1, this.#share + this.#settings.stepUp);
    else if (verdict === "bad") this.#share = Math.max(0, this.#share - this.#settings.stepDown);
    return false;
  }
}
