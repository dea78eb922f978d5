/** `select … from … where … into … having …`: leaves events out and changes their data. */
import type { FlowEvent } from "../event.ts";
import type { Operator, OperatorContext, Output } from "./operator.ts";

/** The parts of a select, each a function of the event; a part that throws makes the event malformed. */
export interface SelectParts {
  /** The new data. Default: the data as it is. */
  readonly project?: (event: FlowEvent) => unknown;
  /** False leaves the event out, before `project`. Default: keeps all. */
  readonly where?: (event: FlowEvent) => boolean;
  /** False leaves the event out, after `project`: it sees the new data. Default: keeps all. */
  readonly having?: (event: FlowEvent) => boolean;
}

/**
 * An event that a part throws on leaves by the port `err` with the data that it came with, and with what
 * was thrown in its metadata, under `error`.
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
    const data = event.data;
    let keeps: boolean;
    try {
      keeps = this.#evaluate(event);
    } catch (error) {
      event.data = data;
      event.meta = { ...event.meta, error: error instanceof Error ? error.message : String(error) };
      this.#err?.emit(event);
      return;
    }
    if (keeps) this.#out?.emit(event);
    else this.#context?.filter(event);
  }

  #evaluate(event: FlowEvent): boolean {
    const { project, where, having } = this.#parts;
    if (where !== undefined && !where(event)) return false;
    if (project !== undefined) event.data = project(event);
    return having === undefined || having(event);
  }
}
