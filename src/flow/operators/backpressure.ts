/**
 * `qos::backpressure`: sends less to sinks that answer late or not at all, by tremor's rules.
 *
 * Ports: `in`; `out`, `overflow`. While it backs off one event for each delay leaks through: a probe. Time is that of
 * events, insights and signals.
 */
import { longerDelay, type Steps, stepsOption } from "../../breaker/options.ts";
import { nameOption, objectOption } from "../../breaker/validate.ts";
import { findCorrelation } from "../protocol/correlation.ts";
import type { FlowEvent } from "../protocol/event.ts";
import type { Insight } from "../protocol/insight.ts";
import type { Operator, OperatorContext, Output } from "../protocol/operator.ts";
import type { Signal } from "../protocol/signal.ts";
import { verdictOf } from "./answer.ts";
import { SinkMap } from "./sink-map.ts";
import { timeoutOption } from "./timeout-option.ts";

/** Options of the operator; a pipeline writes `timeout` in ns, and `steps` in ms. */
export interface BackpressureSettings {
  /** An answer that took longer, in ms, is an error. */
  readonly timeoutMs: number;
  /** Default: 50, 100, 250, 500, 1,000, 5,000, 10,000 ms. */
  readonly steps: Steps;
  /** `discard`: events that are too many go to `overflow`. `pause`: upstream is stopped by a trigger. Default: `discard`. */
  readonly method: "discard" | "pause";
}

/** Throws an OptionError that names option, range and value. */
export function readBackpressure(options: Readonly<Record<string, unknown>>): BackpressureSettings {
  const { timeout, steps, method } = objectOption("options", options, ["timeout", "steps", "method"]);
  return {
    steps: stepsOption("steps", steps),
    method: nameOption("method", method, ["discard", "pause"], "discard"),
    timeoutMs: timeoutOption("timeout", timeout),
  };
}

export class Backpressure implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in"];
  /** Names of the output ports; the first is the default. */
  static readonly OUTPUTS: readonly string[] = ["out", "overflow"];
  readonly inputs = Backpressure.INPUTS;
  readonly outputs = Backpressure.OUTPUTS;
  readonly #settings: BackpressureSettings;
  readonly #pauses: boolean;
  readonly #sinks = new SinkMap(() => this.#context, true);
  /** Senders of a trigger that have not sent their restore. */
  readonly #broken = new Set<number>();
  /** 0: it does not back off. */
  #delayMs = 0;
  /** Until then nothing but the probe passes. */
  #nextMs = 0;
  /** The latest contraflow to upstream was a trigger. */
  #isStopped = false;
  // Set in connect, which comes before everything else.
  #context!: OperatorContext;
  #out!: Output;
  #overflow!: Output;

  constructor(settings: BackpressureSettings) {
    this.#settings = settings;
    this.#pauses = settings.method === "pause";
  }

  connect(context: OperatorContext): void {
    this.#context = context;
    this.#out = context.output("out");
    this.#overflow = context.output("overflow");
  }

  onEvent(event: FlowEvent): void {
    if (!this.#admits(event.ingestMs)) {
      this.#overflow.emit(event);
      return;
    }
    event.correlate(this.#context.node, 0);
    this.#out.emit(event);
  }

  onSignal({ atMs }: Signal): void {
    if (this.#delayMs > 0 && this.#nextMs <= atMs) this.#recover(atMs);
  }

  onInsight(insight: Insight): boolean {
    const { kind, from, atMs, ingestMs } = insight;
    if (kind === "trigger" || kind === "restore") {
      // A sink that takes only refused events says nothing about the way out.
      if (!this.#sinks.leadsTo(from)) return false;
      if (kind === "restore") this.#broken.delete(from);
      else {
        this.#broken.add(from);
        this.#backOff(ingestMs);
      }
      this.#updateUpstream(atMs);
      return true;
    }
    const correlation = findCorrelation(insight.correlations, this.#context.node);
    const verdict = correlation && verdictOf(correlation, insight, this.#settings.timeoutMs);
    if (verdict === "good") this.#recover(atMs);
    else if (verdict === "bad") this.#backOff(ingestMs);
    this.#updateUpstream(atMs);
    return false;
  }

  /** Events may be on their way although upstream was stopped: under `pause` none is refused. */
  #admits(ingestMs: number): boolean {
    if (this.#delayMs === 0) return true;
    if (this.#nextMs > ingestMs) return this.#pauses;
    this.#nextMs = ingestMs + this.#delayMs;
    return true;
  }

  /** @param ingestMs of the event that was answered badly: from there the delay counts */
  #backOff(ingestMs: number): void {
    this.#delayMs = longerDelay(this.#settings.steps, this.#delayMs);
    this.#nextMs = ingestMs + this.#delayMs;
  }

  #recover(atMs: number): void {
    this.#delayMs = 0;
    this.#nextMs = 0;
    this.#updateUpstream(atMs);
  }

  /** Under `pause`: sends a trigger or restore upstream, when that has changed. A broken sink stops it for longer. */
  #updateUpstream(atMs: number): void {
    const stop = this.#pauses && (this.#delayMs > 0 || this.#broken.size > 0);
    if (stop === this.#isStopped) return;
    this.#isStopped = stop;
    this.#context.contraflow(stop ? "trigger" : "restore", atMs);
  }
}
