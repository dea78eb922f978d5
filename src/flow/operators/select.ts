/** `select … from … where … into … having …`: leaves events out and changes their data. */
import type { EventContent, FlowEvent, Meta } from "../protocol/event.ts";
import type { Operator, OperatorContext, Output } from "../protocol/operator.ts";

/** The part of an event that a part of a select reads. Data and text may be getters that parse. */
export type Subject = Pick<FlowEvent, "data" | "meta" | "text">;

/** The parts of a select, each a function of the event; a part that throws makes the event malformed. */
export interface SelectParts {
  /** The new data. Default: the data as they are. */
  readonly project?: (event: FlowEvent) => unknown;
  /**
   * The JSON text of the new data; undefined: `JSON.stringify` of the data is right. Called once a sink, or `having`, reads
   * the text. Default: undefined.
   *
   * @param event as `project` got it
   * @param data as `project` returned it
   */
  readonly text?: (event: Subject, data: unknown) => string | undefined;
  /** False leaves the event out, before `project`. Default: keeps all. */
  readonly where?: (event: FlowEvent) => boolean;
  /** False leaves the event out, after `project`: it reads the new data. Default: keeps all. */
  readonly having?: (event: Subject) => boolean;
}

/**
 * An event that a part throws on leaves by the port `err` with the data that it came with, and with the message of the
 * error in its metadata, under `error`. Data that no part reads are not parsed.
 */
export class Select implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in"];
  /** Names of the output ports; the first is the default. */
  static readonly OUTPUTS: readonly string[] = ["out", "err"];
  readonly inputs = Select.INPUTS;
  readonly outputs = Select.OUTPUTS;
  readonly #parts: SelectParts;
  #context: OperatorContext | undefined;
  #out: Output | undefined;
  #err: Output | undefined;

  constructor(parts: SelectParts) {
    this.#parts = parts;
  }

  connect(context: OperatorContext): void {
    this.#context = context;
    this.#out = context.output("out");
    this.#err = context.output("err");
  }

  onEvent(event: FlowEvent): void {
    let keeps: boolean;
    try {
      keeps = this.#evaluate(event);
    } catch (error) {
      event.meta = { ...event.meta, error: error instanceof Error ? error.message : String(error) };
      this.#err?.emit(event);
      return;
    }
    if (keeps) this.#out?.emit(event);
    else this.#context?.filter(event);
  }

  /** Changes the event once no part can throw any more. */
  #evaluate(event: FlowEvent): boolean {
    const { project, text, where, having } = this.#parts;
    if (where !== undefined && !where(event)) return false;
    if (project === undefined) return having === undefined || having(event);
    const data = project(event);
    if (text === undefined) {
      if (having !== undefined && !having({ data, meta: event.meta, text: undefined })) return false;
      event.data = data;
      return true;
    }
    const projection = new Projection(data, event.meta, event.content, text);
    if (having !== undefined && !having(projection)) return false;
    event.replaceData(projection);
    return true;
  }
}

/** The data of `project`, whose text is made of the text before. */
class Projection implements EventContent, Subject {
  readonly data: unknown;
  readonly meta: Meta | undefined;
  readonly #before: EventContent;
  readonly #textOf: NonNullable<SelectParts["text"]>;
  #text: string | undefined;
  #isTextKnown = false;

  constructor(
    data: unknown,
    meta: Meta | undefined,
    before: EventContent,
    textOf: NonNullable<SelectParts["text"]>,
  ) {
    this.data = data;
    this.meta = meta;
    this.#before = before;
    this.#textOf = textOf;
  }

  get text(): string | undefined {
    if (this.#isTextKnown) return this.#text;
    this.#isTextKnown = true;
    this.#text = this.#textOf(new Before(this.#before, this.meta), this.data);
    return this.#text;
  }
}

/** The event as `project` got it. */
class Before implements Subject {
  readonly #content: EventContent;
  readonly meta: Meta | undefined;

  constructor(content: EventContent, meta: Meta | undefined) {
    this.#content = content;
    this.meta = meta;
  }

  get data(): unknown {
    return this.#content.data;
  }

  get text(): string | undefined {
    return this.#content.text;
  }
}
