/** `generic::batch`: makes one event of several, whose data is the list of theirs. */
import { numberOption, objectOption } from "../../breaker/validate.ts";
import type { FlowEvent, ReadText } from "../event.ts";
import type { Signal } from "../signal.ts";
import type { Operator, OperatorContext, Output } from "./operator.ts";
import { timeoutOption } from "./timeout.ts";

/** Options of the operator, as a pipeline writes them: `count` and `timeout`, a time in ns. */
export interface BatchSettings {
  /** Events that make a batch. 1..1,000,000. */
  readonly count: number;
  /** A batch that is older goes with the next event or signal, in ms. Default: none, it waits until it is full. */
  readonly timeoutMs: number;
}

/** Throws an OptionError that names option, range and value. */
export function readBatch(options: Readonly<Record<string, unknown>>): BatchSettings {
  const { count, timeout } = objectOption("options", options, ["count", "timeout"]);
  return {
    count: numberOption("count", count, { from: 1, to: 1_000_000, whole: true }),
    timeoutMs: timeout === undefined ? Number.POSITIVE_INFINITY : timeoutOption("timeout", timeout),
  };
}

/**
 * The events of a batch are answered as it is: a breaker before this operator hears of each of them, a breaker behind
 * it counts the batch as one call. Metadata stays behind. What is not full goes when the flow ends.
 */
export class Batch implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in"];
  /** Names of the output ports; the first is the default. */
  static readonly OUTPUTS: readonly string[] = ["out"];
  readonly inputs = Batch.INPUTS;
  readonly outputs = Batch.OUTPUTS;
  readonly #settings: BatchSettings;
  #events: FlowEvent[] = [];
  #firstMs = 0;
  #context: OperatorContext | undefined;
  #out: Output | undefined;

  constructor(settings: BatchSettings) {
    this.#settings = settings;
  }

  connect(context: OperatorContext): void {
    this.#context = context;
    this.#out = context.output("out");
  }

  onEvent(event: FlowEvent): void {
    if (this.#events.length === 0) this.#firstMs = event.ingestMs;
    this.#events.push(event);
    if (this.#events.length === this.#settings.count || this.#isOld(event.ingestMs))
      this.onDrain(event.ingestMs);
  }

  onSignal({ atMs }: Signal): void {
    if (this.#events.length > 0 && this.#isOld(atMs)) this.onDrain(atMs);
  }

  onDrain(atMs: number): void {
    const events = this.#events;
    if (events.length === 0 || this.#context === undefined) return;
    this.#events = [];
    const joined = this.#context.join(
      events,
      atMs,
      events.map((event) => event.data),
    );
    joined.read = new JoinedText(joined.data, events);
    this.#out?.emit(joined);
  }

  #isOld(nowMs: number): boolean {
    return nowMs - this.#firstMs > this.#settings.timeoutMs;
  }
}

/** The list as text, of the texts that the events were read from: numbers stay digit for digit. Made when it is asked for. */
class JoinedText implements ReadText {
  readonly data: unknown;
  readonly #texts: readonly (string | undefined)[];

  constructor(data: unknown, events: readonly FlowEvent[]) {
    this.data = data;
    this.#texts = events.map(({ text }) => text);
  }

  get text(): string | undefined {
    if (!Array.isArray(this.data) || this.#texts.every((text) => text === undefined)) return undefined;
    const items: readonly unknown[] = this.data;
    return `[${items.map((item, index) => this.#texts[index] ?? JSON.stringify(item) ?? "null").join(",")}]`;
  }
}
