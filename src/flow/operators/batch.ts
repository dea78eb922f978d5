/** `generic::batch`: makes one event of several, whose data is the list of theirs. */
import { numberOption, objectOption } from "../../breaker/validate.ts";
import type { EventContent, FlowEvent } from "../protocol/event.ts";
import type { Operator, OperatorContext, Output } from "../protocol/operator.ts";
import type { Signal } from "../protocol/signal.ts";
import { timeoutOption } from "./timeout-option.ts";

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
    timeoutMs: timeout === undefined ? Number.POSITIVE_INFINITY : timeoutOption("timeout", timeout),
    count: numberOption("count", count, { from: 1, to: 1_000_000, whole: true }),
  };
}

/**
 * The events of a batch are answered as it is: a breaker before this operator gets an answer for each of them, a breaker behind
 * it counts the batch as one call. Metadata stays behind. A batch that is not full goes when the flow ends. An event whose text is no JSON,
 * which a reader that does not validate lets pass, leaves by `err`: it would spoil the text of the whole batch.
 */
export class Batch implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in"];
  /** Names of the output ports; the first is the default. */
  static readonly OUTPUTS: readonly string[] = ["out", "err"];
  readonly inputs = Batch.INPUTS;
  readonly outputs = Batch.OUTPUTS;
  readonly #settings: BatchSettings;
  #events: FlowEvent[] = [];
  #firstMs = 0;
  #context: OperatorContext | undefined;
  #out: Output | undefined;
  #err: Output | undefined;

  constructor(settings: BatchSettings) {
    this.#settings = settings;
  }

  connect(context: OperatorContext): void {
    this.#context = context;
    this.#out = context.output("out");
    this.#err = context.output("err");
  }

  onEvent(event: FlowEvent): void {
    const fault = faultIn(event);
    if (fault !== undefined) {
      event.meta = { ...event.meta, error: fault };
      this.#err?.emit(event);
      return;
    }
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
    this.#out?.emit(this.#context.join(events, atMs, new JoinedContent(events)));
  }

  #isOld(nowMs: number): boolean {
    return nowMs - this.#firstMs > this.#settings.timeoutMs;
  }
}

/** Why the event cannot be read; undefined: it can. */
function faultIn(event: FlowEvent): string | undefined {
  if (event.content.isUnchecked !== true) return undefined;
  try {
    void event.data;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The list of the data of events, and its text: of the texts that they were read from, so that numbers stay digit for digit. */
class JoinedContent implements EventContent {
  readonly #events: readonly FlowEvent[];
  #data: readonly unknown[] | undefined;

  constructor(events: readonly FlowEvent[]) {
    this.#events = events;
  }

  get data(): readonly unknown[] {
    this.#data ??= this.#events.map(({ data }) => data);
    return this.#data;
  }

  get text(): string {
    return `[${this.#events.map((event) => event.text ?? JSON.stringify(event.data) ?? "null").join(",")}]`;
  }
}
