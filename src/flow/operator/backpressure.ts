/**
 * `qos::backpressure`: sends less to whoever answers late or not at all, by tremor's rules.
 *
 * Ports: `in`; `out`, `overflow`. While it backs off one event for each delay leaks through: a probe. Time is that of
 * events, insights and signals.
 */
import { longerDelay, type Steps, stepsOption } from "../../breaker/options.ts";
import { nameOption, objectOption } from "../../breaker/validate.ts";
import type { FlowEvent } from "../event.ts";
import { findMark } from "../graph/mark.ts";
import type { Insight } from "../insight.ts";
import type { Signal } from "../signal.ts";
import type { Operator, OperatorContext, Output } from "./operator.ts";
import { Routes } from "./routes.ts";
import { timeoutOption } from "./timeout.ts";
import { verdictOf } from "./verdict.ts";

/** Options of the operator; a pipeline writes `timeout` in ns, and `steps` in ms. */
export interface BackpressureSettings {
  /** An answer that took longer, in ms, is an error. */
  readonly timeoutMs: number;
  /** Default: 50, 100, 250, 500, 1,000, 5,000, 10,000 ms. */
  readonly steps: Steps;
  /** `discard`: what is too much goes to `overflow`. `pause`: upstream is told to stop. Default: `discard`. */
  readonly method: "discard" | "pause";
}

/** Throws an OptionError that names option, range and value. */
export function readBackpressure(options: Readonly<Record<string, unknown>>): BackpressureSettings {
  const { timeout, steps, method } = objectOption("options", options, ["timeout", "steps", "method"]);
  return {
    timeoutMs: timeoutOption("timeout", timeout),
    steps: stepsOption("steps", steps),
    method: nameOption("method", method, ["discard", "pause"], "discard"),
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
  readonly #routes = new Routes(() => this.#context, true);
  /** Senders of a trigger that have not sent their restore. */
  readonly #broken = new Set<number>();
  /** 0: it does not back off. */
  #delayMs = 0;
  /** Until then nothing but the probe passes. */
  #nextMs = 0;
  /** Upstream has been told to stop. */
  #stopped = false;
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
    if (!this.#lets(event.ingestMs)) {
      this.#overflow.emit(event);
      return;
    }
    event.mark(this.#context.node, 0);
    this.#out.emit(event);
  }

  onSignal({ atMs }: Signal): void {
    if (this.#delayMs > 0 && this.#nextMs <= atMs) this.#recover(atMs);
  }

  onInsight(insight: Insight): boolean {
    const { kind, from, atMs, ingestMs } = insight;
    if (kind === "trigger" || kind === "restore") {
      // A sink that takes only what was refused says nothing about the way out.
      if (!this.#routes.leadTo(from)) return false;
      if (kind === "restore") this.#broken.delete(from);
      else {
        this.#broken.add(from);
        this.#backOff(ingestMs);
      }
      this.#steer(atMs);
      return true;
    }
    const mark = findMark(insight.marks, this.#context.node);
    const verdict = mark && verdictOf(mark, insight, this.#settings.timeoutMs);
    if (verdict === "good") this.#recover(atMs);
    else if (verdict === "bad") this.#backOff(ingestMs);
    this.#steer(atMs);
    return false;
  }

  /** What was told to stop may still have something on its way: under `pause` nothing is refused. */
  #lets(ingestMs: number): boolean {
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
    this.#steer(atMs);
  }

  /** Under `pause`: tells upstream to stop or to go on, when that has changed. A broken sink stops it for longer. */
  #steer(atMs: number): void {
    const stop = this.#pauses && (this.#delayMs > 0 || this.#broken.size > 0);
    if (stop === this.#stopped) return;
    this.#stopped = stop;
    this.#context.contraflow(stop ? "trigger" : "restore", atMs);
  }
}
