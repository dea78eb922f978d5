/** Passes every event on unchanged: `generic::passthrough`, and every stream of a pipeline. */
import type { FlowEvent } from "../protocol/event.ts";
import type { Operator, OperatorContext, Output } from "../protocol/operator.ts";

/** Emits each event that it gets. */
export class Passthrough implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in"];
  /** Names of the output ports; the first is the default. */
  static readonly OUTPUTS: readonly string[] = ["out"];
  readonly inputs = Passthrough.INPUTS;
  readonly outputs = Passthrough.OUTPUTS;
  #out: Output | undefined;

  connect(context: OperatorContext): void {
    this.#out = context.output("out");
  }

  onEvent(event: FlowEvent): void {
    this.#out?.emit(event);
  }
}
