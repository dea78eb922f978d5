/** Sinks of a program: a function or a WritableStream as a `Sink`. Web standards only. */
import { wrongType } from "../breaker/validate.ts";
import type { FlowEvent, Meta } from "../flow/protocol/event.ts";
import type { Sink, SinkContext } from "../flow/protocol/source-and-sink.ts";

/**
 * Takes one event. What it returns or resolves to is ignored; what it throws or rejects with fails the event.
 */
export type Deliver = (data: unknown, meta: Meta | undefined) => unknown;

/** A `Sink`, a WritableStream that gets one chunk for each event, or a function that is called with each. */
export type SinkLike = Sink | WritableStream<never> | Deliver;

/** Promises of a function that may be pending before the flow waits. */
const PENDING_CALLS = 64;

/**
 * @param port for messages.
 * @throws OptionError for a value of another type
 */
export function sinkOf(given: unknown, port: string): Sink {
  if (typeof given === "function") return new FunctionSink(port, given as Deliver); // any arguments will do
  if (typeof given === "object" && given !== null) {
    if ("onEvent" in given) return given as Sink;
    if ("getWriter" in given) return new StreamSink(port, given as WritableStream<unknown>);
  }
  throw wrongType(`sinks.${port}`, "a Sink, a WritableStream or a function", given);
}

/**
 * The data of an event. Where it cannot be read, the event is rejected and the result undefined: its source
 * does not validate, and its text is malformed.
 */
function dataOf(event: FlowEvent, context: SinkContext | undefined): { readonly value: unknown } | undefined {
  try {
    return { value: event.data };
  } catch (error) {
    context?.reject(event, { error: reasonOf(error) });
    return undefined;
  }
}

/** Answers each event when its call has ended. */
class FunctionSink implements Sink {
  readonly name: string;
  readonly #deliver: Deliver;
  #context: SinkContext | undefined;
  #pending = 0;
  /** It was congested, and `relieved` was not called since. */
  #wasCongested = false;
  #emptied: (() => void)[] = [];

  constructor(name: string, deliver: Deliver) {
    this.name = name;
    this.#deliver = deliver;
  }

  get congested(): boolean {
    return this.isFull(this.#pending);
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    const data = dataOf(event, this.#context);
    if (data === undefined) return;
    const startedMs = performance.now();
    try {
      const result = this.#deliver(data.value, event.meta);
      if (isPromise(result)) this.#await(result, event, startedMs);
      else this.#context?.ack(event, performance.now() - startedMs);
    } catch (error) {
      this.#fail(event, error, startedMs);
    }
  }

  async drain(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  async close(): Promise<void> {}

  /** @param pending calls that have not ended. */
  protected isFull(pending: number): boolean {
    return pending >= PENDING_CALLS;
  }

  #await(result: PromiseLike<unknown>, event: FlowEvent, startedMs: number): void {
    this.#pending++;
    if (this.congested) this.#wasCongested = true;
    const end = (answer: () => void): void => {
      this.#pending--;
      answer();
      this.#relieve();
      if (this.#pending === 0) for (const resolve of this.#emptied.splice(0)) resolve();
    };
    result.then(
      () => end(() => this.#context?.ack(event, performance.now() - startedMs)),
      (error: unknown) => end(() => this.#fail(event, error, startedMs)),
    );
  }

  #relieve(): void {
    if (!this.#wasCongested || this.congested) return;
    this.#wasCongested = false;
    this.#context?.relieved();
  }

  #fail(event: FlowEvent, error: unknown, startedMs: number): void {
    this.#context?.fail(event, { error: reasonOf(error) }, performance.now() - startedMs);
  }
}

/** An ack means that the stream has written the chunk; the flow waits while the stream wants no more. */
class StreamSink extends FunctionSink {
  readonly #stream: WritableStream<unknown>;
  #writer: WritableStreamDefaultWriter<unknown> | undefined;

  constructor(name: string, stream: WritableStream<unknown>) {
    super(name, (data) => this.#writer?.write(data));
    this.#stream = stream;
  }

  override async start(context: SinkContext): Promise<void> {
    this.#writer = this.#stream.getWriter();
    this.#writer.closed.catch(() => {}); // each write rejects with that error
    await super.start(context);
  }

  /** Closes the stream. The events of a stream that broke have failed already. */
  override async close(): Promise<void> {
    await this.#writer?.close().catch(() => {});
    this.#writer?.releaseLock();
  }

  protected override isFull(): boolean {
    // null: the stream broke, and rejects every write at once.
    const size = this.#writer?.desiredSize ?? 1;
    return size <= 0;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
