/** The operators of a graph in topological order, asked one after the other. */
import type { FlowClock } from "../protocol/flow-clock.ts";
import type { LogState, Operator } from "../protocol/operator.ts";
import type { Signal } from "../protocol/signal.ts";
import type { OperatorNode } from "./operator-node.ts";

export class OperatorList {
  readonly #operators: readonly Operator[];
  readonly #clock: FlowClock;
  /** The signal `shutdown` was sent. */
  #isShutDown = false;

  constructor(nodes: readonly OperatorNode[], clock: FlowClock) {
    this.#operators = nodes.map(({ operator }) => operator);
    this.#clock = clock;
  }

  /** The logs among them. */
  get logs(): readonly LogState[] {
    return this.#operators.flatMap(({ logState }) => (logState === undefined ? [] : [logState]));
  }

  /** One of them is to send on more by itself. */
  get isSending(): boolean {
    return this.#operators.some((operator) => operator.isSending === true);
  }

  signal(signal: Signal): void {
    if (signal.kind === "shutdown") this.#isShutDown = true;
    for (const operator of this.#operators) operator.onSignal?.(signal);
  }

  /** They pass on the events that they kept. */
  drain(atMs: number): void {
    const outer = this.#clock.freeze(atMs);
    try {
      for (const operator of this.#operators) operator.onDrain?.(atMs);
    } finally {
      this.#clock.unfreeze(outer);
    }
  }

  /** The flow is told to stop. */
  stop(): void {
    for (const operator of this.#operators) operator.onStop?.();
  }

  /** Sends `shutdown`, unless it was sent before. */
  shutDown(atMs: number): void {
    if (!this.#isShutDown) this.signal({ kind: "shutdown", atMs });
  }

  /** They release what they hold. Each is asked, also where another one fails. */
  close(): readonly Promise<void>[] {
    return this.#operators.map(async (operator) => operator.close?.());
  }
}
